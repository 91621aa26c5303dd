package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tenants of shared tables, made on a real server. */
class TenantCreationTest {

    private final TenantRig rig = new TenantRig();

    @BeforeEach
    void tables() {
        rig.on(TenantRig.TABLES);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void makesRowRolePoliciesAndProof() throws Exception {
        TenantResult result = rig.create("a");

        assertThat(result.proof().passed()).isTrue();
        assertThat(result.proof().unproven()).isEmpty();
        assertThat(result.tables()).containsExactly("public.incidents", "public.pipelines");
        assertThat(result.notes()).isEmpty();
        assertThat(rig.value("select concat_ws(' ', region, plan, status) from tenants"))
                .isEqualTo("kr large active");
        assertThat(rig.value(
                        "select concat_ws(' ', rolcanlogin, rolsuper, rolbypassrls, rolcreaterole) from pg_roles where rolname = '"
                                + result.role() + "'"))
                .isEqualTo("f f f f");
        assertThat(rig.values(
                        "postgres",
                        "select concat_ws(' ', relname, relrowsecurity, relforcerowsecurity) from pg_class where relname in"
                                + " ('incidents', 'pipelines') order by 1"))
                .containsExactly("incidents t t", "pipelines t t");
        assertThat(rig.value("select concat_ws(' ', tenant, run_id, passed, jsonb_array_length(checks->'checks') > 40)"
                        + " from watchkeeper.tenant_proofs"))
                .isEqualTo(result.id() + " run-1 t t");
        assertThat(rig.value("select count(*) from incidents") + rig.value("select count(*) from pipelines"))
                .as("rows of the proof")
                .isEqualTo("00");
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("1");
        assertThat(rig.value("select count(*) from pg_roles where rolname like 'tenant_probe-%'"))
                .isEqualTo("0");
    }

    @Test
    void refusesASecondOfTheSameIdAndLeavesTheFirst() throws Exception {
        rig.create("a");

        assertThatThrownBy(() -> rig.create("a"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has a tenant '" + rig.id("a") + "' already");
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("1");
    }

    @Test
    void doesTheSameWishOnce() throws Exception {
        rig.create(rig.wish("a", "large", "01JD8"));

        TenantResult again = rig.create(rig.wish("a", "large", "01JD8"));

        assertThat(again.repeated()).isTrue();
        assertThatThrownBy(() -> rig.create(rig.wish("a", "other", "01JD8")))
                .hasMessageContaining("idempotency key '01JD8' was used for another");
        assertThatThrownBy(() -> rig.create(rig.wish("b", "large", "01JD8")))
                .hasMessageContaining("idempotency key '01JD8' was used for another");
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("1");
    }

    /** As two agents, or an agent and the command line, that share no memory. */
    @Test
    void theSameWishTwiceAtTheSameMomentIsDoneOnceAndRefusedToNobody() throws Exception {
        List<Boolean> repeated;
        try (Session busy = rig.database().open(TenantRig.WORK)) {
            busy.begin();
            busy.query("select pg_advisory_xact_lock(hashtext('watchkeeper tenants'))");
            List<CompletableFuture<TenantResult>> both = IntStream.range(0, 2)
                    .mapToObj(n -> CompletableFuture.supplyAsync(() -> {
                        try {
                            return rig.create(rig.wish("a", "large", "01JD9"));
                        } catch (SQLException e) {
                            throw new CompletionException(e);
                        }
                    }))
                    .toList();
            await().until(() -> rig.value(
                            "select count(*) from pg_locks where locktype = 'advisory' and not granted and database ="
                                    + " (select oid from pg_database where datname = current_database())")
                    .equals("2"));
            busy.rollback();
            repeated = both.stream().map(one -> one.join().repeated()).sorted().toList();
        }

        assertThat(repeated).containsExactly(false, true);
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("1");
    }

    @Test
    void doesNotTakeOverARoleThatIsThere() throws Exception {
        rig.on("create role \"tenant_" + rig.id("a") + "\" login bypassrls");

        assertThatThrownBy(() -> rig.create("a")).hasMessageContaining("has a role tenant_");
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "1a",
                "a b",
                "a\"b",
                "a'; drop table tenants; --",
                "a\0",
                "ä",
                "a/../b",
                "-a",
                "a\nb",
                "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop",
            })
    void refusesIdsThatMeanSomethingElsewhere(String id) {
        assertThatThrownBy(() -> TenantWish.of(id, "kr", "large", TenantSettings.NONE, null))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("cannot be a tenant's id");
    }

    @Test
    void makesTheTableOfTenantsWhereThereIsNone() throws Exception {
        rig.on("drop table incidents, pipelines, tenants");

        TenantResult result = rig.create("a");

        assertThat(result.notes()).containsExactly("no table has a column tenant_id, so there was nothing to prove");
        assertThat(rig.value("select status from tenants")).isEqualTo("active");
    }

    @Test
    void failsWhereAnotherPolicyLetsMoreThroughAndTakesEverythingBack() throws Exception {
        rig.create("a");
        rig.on("create policy open on incidents using (true)");

        assertThatThrownBy(() -> rig.create("b"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("would not be kept apart: the policy open of public.incidents");
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("1");
        assertThat(rig.value("select count(*) from pg_roles where rolname = 'tenant_" + rig.id("b") + "'"))
                .isEqualTo("0");
    }

    /** Locks are held until the end of a transaction: the one with the proof must have none that keeps others from reading. */
    @Test
    void nobodyWaitsForATableDuringTheProof() throws Exception {
        // The proof puts a row into each table, and so it waits where nothing else of the making does.
        rig.on("create function wait() returns trigger language plpgsql as $$ begin"
                + " perform pg_advisory_xact_lock_shared(4711); return new; end $$;"
                + " create trigger wait before insert on incidents for each row execute function wait();"
                + " alter table incidents enable always trigger wait");
        TenantWish patient =
                new TenantWish(new TenantId(rig.id("a")), "kr", "large", Tenancy.RLS, null, Duration.ofSeconds(5), 1);
        try (Session busy = rig.database().open(TenantRig.WORK)) {
            busy.begin();
            busy.query("select pg_advisory_xact_lock(4711)");
            CompletableFuture<TenantResult> making = CompletableFuture.supplyAsync(() -> {
                try {
                    return rig.create(patient);
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            await().until(() -> rig.value(
                            "select count(*) from pg_locks where locktype = 'advisory' and objid = 4711 and not granted")
                    .equals("1"));

            assertThat(rig.values(
                            "postgres",
                            "select relation::regclass || ' ' || mode from pg_locks where locktype = 'relation' and granted"
                                    + " and relation in ('incidents'::regclass, 'pipelines'::regclass)"
                                    + " and mode in ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"))
                    .isEmpty();
            assertThat(rig.value("set lock_timeout = '1s'; select count(*) from incidents"))
                    .isEqualTo("0");
            busy.rollback();

            assertThat(making.join().proof().passed()).isTrue();
        }
    }

    @Test
    void preparesNothingWhereATenantCouldNotBeMade() throws Exception {
        rig.on("create policy open on incidents using (true)");

        assertThatThrownBy(() -> rig.create("a")).hasMessageContaining("would not be kept apart: the policy open");
        assertThat(rig.value(
                        "select count(*) from pg_class where relname in ('incidents', 'pipelines') and relrowsecurity"))
                .isEqualTo("0");
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("0");
    }

    /** The standard's own policy opens for the setting alone; a tenant's role is held by the restriction all the same. */
    @Test
    void keepsATenantBackWhereTheSettingAloneWouldOpen() throws Exception {
        rig.on("alter table incidents enable row level security; create policy p_incidents_tenant on incidents"
                + " using (tenant_id = current_setting('app.tenant_id')::text)");

        TenantResult result = rig.create("a");

        assertThat(result.proof().passed()).isTrue();
        assertThat(rig.codes(rig.review(), "warn")).contains("settingAlone");
    }

    @Test
    void aFailedProofLeavesNoTenantAndIsKept() throws Exception {
        rig.create("a");
        // The catalogue does not show what a trigger does.
        rig.on("create function deny() returns trigger language plpgsql as $$ begin"
                + " if current_user like 'tenant\\_%' then raise insufficient_privilege; end if; return new; end $$;"
                + " create trigger deny before insert on incidents for each row execute function deny();"
                + " alter table incidents enable always trigger deny");

        assertThatThrownBy(() -> rig.create("b"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is not kept apart: public.incidents: it has to be that it writes its own rows");
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("1");
        assertThat(rig.value("select count(*) from pg_roles where rolname = 'tenant_" + rig.id("b") + "'"))
                .isEqualTo("0");
        assertThat(rig.values(
                        "postgres", "select concat_ws(' ', tenant, passed) from watchkeeper.tenant_proofs order by at"))
                .containsExactly(rig.id("a") + " t", rig.id("b") + " f");
    }

    @Test
    void twoAtTheSameMomentBothGetThrough() throws Exception {
        List<Throwable> failures = IntStream.range(0, 4)
                .parallel()
                .mapToObj(n -> {
                    try {
                        rig.create("p" + n);
                        return null;
                    } catch (Exception e) {
                        return (Throwable) e;
                    }
                })
                .filter(java.util.Objects::nonNull)
                .toList();

        assertThat(failures).isEmpty();
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("4");
    }

    @Test
    void saysWhatItWouldDoAndChangesNothing() throws Exception {
        List<String> planned = new TenantCreation(rig.database(), TenantRig.WORK)
                .describe(rig.wish("a", "large", null)).stream()
                        .map(one -> one.sql())
                        .toList();

        assertThat(planned)
                .contains(
                        "ALTER TABLE public.incidents ENABLE ROW LEVEL SECURITY",
                        "CREATE ROLE \"tenant_" + rig.id("a")
                                + "\" NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT");
        assertThat(rig.value("select count(*) from tenants")).isEqualTo("0");
        assertThat(rig.value("select to_regnamespace('watchkeeper') is null")).isEqualTo("t");
    }

    /** The least that it takes: to make roles, and to own the shared tables. */
    @Test
    void needsNoSuperuser() throws Exception {
        String owner = rig.role("owner", "login createrole");
        rig.on("grant create on database " + rig.name + " to \"" + owner + "\"; alter table tenants owner to \"" + owner
                + "\";" + " alter table pipelines owner to \"" + owner + "\"; alter table incidents owner to \"" + owner
                + "\"");
        if (rig.value("select rolname from pg_roles where rolname = 'watchkeeper_tenants'")
                .isEmpty()) {
            rig.create("first");
        }
        DatabasePools pools = new DatabasePools(
                List.of(new DatabaseSettings("shore", rig.server.url(rig.name), owner, null, 4, null, true)));
        try (pools) {
            rig.on("grant watchkeeper_tenants, watchkeeper_held to \"" + owner + "\" with admin option");

            TenantResult result = new TenantCreation(pools.database("shore"), TenantRig.WORK)
                    .create(rig.wish("a", "large", null), "run-1");

            assertThat(result.proof().passed()).isTrue();
            assertThat(result.proof().unproven()).isEmpty();
            assertThat(rig.value(
                            "select count(*) from pg_auth_members m join pg_roles r on r.oid = m.roleid where r.rolname = '"
                                    + result.role() + "' and not m.admin_option"))
                    .as("who was a member only for the proof")
                    .isEqualTo("0");
        }
    }
}
