package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That moving and dropping takes the rights that docs/tenants.md names, and no superuser. */
class TenantLifeRightsTest {

    @Test
    void needsNoSuperuser(@TempDir Path folder) throws Exception {
        try (MoveRig rig = new MoveRig()) {
            String owner = rig.rig.role("owner", "login createrole createdb bypassrls");
            rig.rig.create("first");
            rig.rig.on("grant watchkeeper_tenants, watchkeeper_held to \"" + owner + "\" with admin option;"
                    + " grant create on database " + rig.rig.name + " to \"" + owner + "\";"
                    + " grant pg_monitor to \"" + owner + "\";"
                    + " alter schema watchkeeper owner to \"" + owner + "\";"
                    + " alter schema template_tenant owner to \"" + owner + "\";"
                    + " do $$ declare t record; begin for t in select c.oid::regclass as name from pg_class c join pg_namespace n on n.oid ="
                    + " c.relnamespace where c.relkind = 'r' and n.nspname in ('public', 'template_tenant', 'watchkeeper') loop execute"
                    + " format('alter table %s owner to %I', t.name, '" + owner + "'); end loop; end $$");
            try (DatabasePools pools = new DatabasePools(List.of(
                    new DatabaseSettings("shore", rig.rig.server.url(rig.rig.name), owner, null, 4, null, true)))) {
                Database shore = pools.database("shore");
                TenantId id = new TenantId(new TenantCreation(shore, TenantRig.WORK)
                        .create(rig.rig.wish("a", "large", null), "run-1")
                        .id());
                rig.rig.on("insert into crew (tenant_id, name) select '" + id
                        + "', 'sailor ' || i from generate_series(1, 9) i");

                assertThat(new TenantMove(shore, TenantRig.WORK)
                                .move(MoveRig.plan(id, Tenancy.SCHEMA), "run-2")
                                .allRows())
                        .isEqualTo(9);
                assertThat(new TenantMove(shore, TenantRig.WORK)
                                .move(MoveRig.plan(id, Tenancy.RLS), "run-3")
                                .allRows())
                        .isEqualTo(9);
                new TenantDoor(shore, TenantRig.WORK).suspend(id);
                assertThat(new TenantDrop(shore, shore, TenantDropTest.backups(folder), TenantRig.WORK)
                                .drop(TenantDropTest.plan(id), "run-4")
                                .allRows())
                        .isEqualTo(9);
                assertThat(rig.status(id)).isEqualTo("closed");

                TenantId blind = new TenantId(new TenantCreation(shore, TenantRig.WORK)
                        .create(rig.rig.wish("b", "large", null), "run-5")
                        .id());
                rig.rig.on("alter role \"" + owner + "\" nobypassrls");
                assertThatThrownBy(() -> new TenantMove(shore, TenantRig.WORK)
                                .move(MoveRig.plan(blind, Tenancy.SCHEMA), "run-6"))
                        .hasMessageContaining("hides rows from role");
            }
        }
    }
}
