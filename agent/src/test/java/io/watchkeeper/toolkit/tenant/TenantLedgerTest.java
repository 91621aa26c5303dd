package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Session;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How proofs are counted. */
class TenantLedgerTest {

    private final TenantRig rig = new TenantRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void withoutATableOfTenantsThereAreNone() throws Exception {
        assertThat(proven()).isEqualTo(new TenantLedger.Proven(0, 0, 0, null));
    }

    @Test
    void tenantsThatSomebodyElseMadeAreUnproven() throws Exception {
        rig.on(TenantRig.TABLES);
        rig.on("insert into tenants (id, region, plan) values ('x', 'kr', 'large'), ('y', 'kr', 'large')");
        assertThat(proven()).isEqualTo(new TenantLedger.Proven(2, 0, 2, null));
    }

    @Test
    void theNewestProofOfEachTenantCountsAndSuspendedOnesDoNot() throws Exception {
        rig.on(TenantRig.TABLES);
        rig.create("a");
        rig.create("b");
        rig.create("c");
        rig.on("update watchkeeper.tenant_proofs set at = now() - interval '10 days'");
        assertThat(proven().failed()).isZero();
        assertThat(proven().tenants()).isEqualTo(3);

        proof("a", "now() - interval '3 days'", true);
        proof("b", "now() - interval '5 days'", false);
        proof("c", "now() - interval '9 days'", false);
        rig.on("update tenants set status = 'suspended' where id = '" + rig.id("c") + "'");

        TenantLedger.Proven proven = proven();
        assertThat(proven.tenants()).isEqualTo(2);
        assertThat(proven.failed()).isEqualTo(1);
        assertThat(proven.unproven()).isZero();
        assertThat(Duration.between(proven.oldest(), Instant.now()))
                .isBetween(Duration.ofHours(119), Duration.ofHours(121));
    }

    private void proof(String tenant, String at, boolean passed) {
        rig.on("insert into watchkeeper.tenant_proofs (tenant, at, run_id, passed, checks) values ('" + rig.id(tenant)
                + "', " + at + ", 'run', " + passed + ", '{}')");
    }

    private TenantLedger.Proven proven() throws Exception {
        try (Session session = rig.database().open(TenantRig.WORK)) {
            return TenantLedger.proven(session);
        }
    }
}
