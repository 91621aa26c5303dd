package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.approval.Approvals;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.dsl.MetaTools;
import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.http.TenantMaker;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.migrate.MigrationSettings;
import io.watchkeeper.toolkit.tenant.Tenancy;
import io.watchkeeper.toolkit.tenant.TenantCreation;
import io.watchkeeper.toolkit.tenant.TenantSettings;
import io.watchkeeper.toolkit.tenant.TenantWish;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which calls for tenants are accepted, against a real database; the runs themselves are begun and left where they are. */
class TenantsByCallTest {

    private static final String ID = "call" + ProcessHandle.current().pid();

    private final DatabasePools databases = TestServers.freshFleet();
    private final List<Runbook> started = new ArrayList<>();
    private final TenantsByCall calls = calls(new TenantSettings("shore", Map.of("small", Tenancy.SCHEMA)));

    private TenantsByCall calls(TenantSettings settings) {
        return new TenantsByCall(
                databases, new MetaTools(settings, MigrationSettings.NONE, Approvals.none(), Audit.none()));
    }

    @AfterEach
    void close() throws Exception {
        try (var session = databases.database("shore").open(Work.unattended("test"))) {
            session.runVerbatim("do $$ begin if exists (select from pg_roles where rolname = 'tenant_" + ID
                    + "') then execute 'drop owned by \"tenant_" + ID + "\"; drop role \"tenant_" + ID
                    + "\"'; end if; end $$");
        }
        databases.close();
    }

    private synchronized RunHandle start(Runbook runbook) {
        started.add(runbook);
        return new RunHandle("run-" + started.size(), new CompletableFuture<RunOutcome>());
    }

    private String call(String id, String plan, @Nullable String key) {
        return calls.begin(new TenantMaker.Wish(id, "kr", plan, key), this::start);
    }

    private void refused(int status, String why, String id, String plan, @Nullable String key) {
        assertThatThrownBy(() -> call(id, plan, key))
                .isInstanceOfSatisfying(
                        TenantMaker.Refused.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageContaining(why);
    }

    private void made(@Nullable String key) throws Exception {
        new TenantCreation(databases.database("shore"), Work.unattended("test"))
                .create(TenantWish.of(ID, "kr", "large", TenantSettings.NONE, key), "run-before");
    }

    @Test
    void theSameKeyAndBodyIsOneRun() {
        assertThat(IntStream.range(0, 4)
                        .parallel()
                        .mapToObj(n -> call(ID, "large", "k1"))
                        .distinct())
                .containsExactly("run-1");
        assertThat(started).hasSize(1);
    }

    @Test
    void theSameKeyWithAnotherBodyIsRefused() {
        call(ID, "large", "k1");

        refused(422, "idempotency key 'k1' was used for another", ID, "other", "k1");
        refused(422, "idempotency key 'k1' was used for another", ID + "x", "large", "k1");
        assertThat(started).hasSize(1);
    }

    @Test
    void aTenantThatIsBeingMadeIsADuplicate() {
        call(ID, "large", null);

        refused(409, "is being made already, by run run-1", ID, "large", null);
    }

    @Test
    void whatWasDoneIsKnownAfterARestart() throws Exception {
        made("k1");

        assertThat(call(ID, "large", "k1")).isEqualTo("run-before");
        refused(409, "has a tenant '" + ID + "' already", ID, "large", null);
        refused(422, "idempotency key 'k1' was used for another", ID, "other", "k1");
        assertThat(started).isEmpty();
    }

    @Test
    void aTemplateThatIsMissingIsSaidAtOnce() {
        refused(422, "has no schema template_tenant", ID, "small", null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "a;b", "a\"", "a'--", "tenant a", "../a", "a\u0000"})
    void idsThatCannotBeOneAreRefusedBeforeTheDatabaseIsAsked(String id) {
        refused(422, "cannot be a tenant's id", id, "large", null);
        assertThat(started).isEmpty();
    }

    @Test
    void regionPlanAndKeyAreNoPlaceForSqlEither() {
        refused(422, "cannot be a plan", ID, "x'); drop table tenants; --", null);
        refused(422, "the idempotency key holds", ID, "large", "a b");
    }

    @Test
    void withoutAConfiguredDatabaseItSaysWhereToNameIt() {
        assertThatThrownBy(() ->
                        calls(TenantSettings.NONE).begin(new TenantMaker.Wish(ID, "kr", "large", null), this::start))
                .hasMessageContaining("no database for tenants is configured");
    }
}
