package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.StoppableWork;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That no row is removed of a tenant that is at work, and none that was not archived or moved, whatever others do meanwhile. */
class TenantLifeSafetyTest {

    @TempDir
    private Path folder;

    private MoveRig rig;

    @BeforeEach
    void open() {
        rig = new MoveRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private TenantDropResult drop(TenantId id, Work work) throws SQLException {
        return new TenantDrop(rig.rig.database(), rig.rig.database(), TenantDropTest.backups(folder), work)
                .drop(TenantDropTest.plan(id), "run-drop");
    }

    private TenantId suspended(Tenancy form) throws SQLException {
        TenantId id = form == Tenancy.RLS ? rig.shared("a") : rig.own("a");
        new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id);
        return id;
    }

    /** Does something once when the work comes to a stage. */
    private static StoppableWork at(String stage, Runnable action) {
        AtomicBoolean once = new AtomicBoolean();
        return new StoppableWork("at " + stage).onProgress(progress -> {
            if (progress.stage().equals(stage) && once.compareAndSet(false, true)) {
                action.run();
            }
        });
    }

    private void waitForALock(String type) {
        await().until(() -> !rig.rig
                .value("select count(*) from pg_locks where not granted and locktype = '" + type + "' and database ="
                        + " (select oid from pg_database where datname = current_database())")
                .equals("0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rls", "schema"})
    void aTenantThatOnlyTheApplicationCallsSuspendedIsNotDropped(String form) throws Exception {
        TenantId id = form.equals("rls") ? rig.shared("a") : rig.own("a");
        rig.rig.on("update tenants set status = 'suspended' where id = '" + id + "'");

        assertThatThrownBy(() -> drop(id, TenantRig.WORK)).hasMessageContaining("may still do its work");

        assertThat(rig.seen(id, "crew")).startsWith("20 ");
        assertThat(rig.rig.value("select count(*) from watchkeeper.tenant_drops"))
                .isEqualTo("0");
        assertThat(new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id))
                .as("suspend shuts it out")
                .isTrue();
        drop(id, TenantRig.WORK);
        assertThat(rig.status(id)).isEqualTo("closed");
    }

    @Test
    void aTenantThatOnlyTheApplicationCallsSuspendedIsShutOutForAMove() throws Exception {
        TenantId id = rig.shared("a");
        rig.rig.on("update tenants set status = 'suspended' where id = '" + id + "'");
        StringBuilder member = new StringBuilder();

        rig.move(
                id,
                Tenancy.SCHEMA,
                at(
                        "compare",
                        () -> member.append(rig.rig.value(
                                "select pg_has_role('" + id.role() + "', 'watchkeeper_tenants', 'member')"))));

        assertThat(member).hasToString("f");
        assertThat(rig.status(id)).isEqualTo("suspended");
    }

    @Test
    void aTenantThatIsLetInWhileItsDropIsLookedAtIsNotDropped() throws Exception {
        TenantId id = suspended(Tenancy.RLS);
        try (Connection connection = rig.rig.as("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("begin; select pg_advisory_xact_lock(hashtext('watchkeeper tenants'))");
            CompletableFuture<Void> dropping = CompletableFuture.runAsync(
                    () -> assertThatThrownBy(() -> drop(id, TenantRig.WORK)).hasMessageContaining("is not suspended"));
            waitForALock("advisory");
            statement.execute(
                    TenantRoles.join(id) + "; update tenants set status = 'active' where id = '" + id + "'; commit");
            dropping.join();
        }

        assertThat(rig.seen(id, "crew")).startsWith("20 ");
        assertThat(rig.rig.value("select count(*) from watchkeeper.tenant_drops"))
                .isEqualTo("0");
    }

    @Test
    void aTenantThatIsLetInWhileItIsArchivedIsNotDropped() throws Exception {
        TenantId id = suspended(Tenancy.RLS);

        assertThatThrownBy(() -> drop(id, at("archive", () -> rig.rig.on(TenantRoles.join(id)))))
                .hasMessageContaining("may still do its work");

        assertThat(rig.seen(id, "crew")).startsWith("20 ");
        assertThat(rig.schemas(id)).isEmpty();
    }

    @Test
    void aRowThatWasWrittenAfterTheArchiveDoesNotGoWithTheOneItRefersTo() throws Exception {
        TenantId id = suspended(Tenancy.RLS);
        String late = "insert into duty (tenant_id, note, crew_id) select tenant_id, 'late', min(id) from crew"
                + " where tenant_id = '" + id + "' group by tenant_id";

        assertThatThrownBy(() -> drop(id, at("archived", () -> rig.rig.on(late))))
                .hasMessageContaining("were written after");

        assertThat(rig.rig.value("select count(*) from duty where note = 'late'"))
                .isEqualTo("1");
        rig.rig.on("delete from duty where note = 'late'");
        drop(id, TenantRig.WORK);
        assertThat(rig.sharedRows(id)).isEqualTo("0 0");
    }

    @Test
    void aLeftOverRecordOfAMoveRemovesNoRowsOfATenantThatHasNoSchema() throws Exception {
        TenantId id = rig.shared("a");
        try (Session session = rig.rig.database().open(TenantRig.WORK)) {
            MoveLedger.prepare(session);
            MoveLedger.begin(session, id, Tenancy.RLS, "run-old");
        }
        rig.rig.on("update watchkeeper.tenant_moves set started_at = now() - interval '8 days'");

        TenantSweep.sweep(rig.rig.database());
        assertThat(rig.sharedRows(id)).as("after the sweep").isEqualTo("20 40");
        for (Tenancy to : Tenancy.values()) {
            assertThatThrownBy(() -> rig.move(id, to)).hasMessageContaining("has no schema of its own");
        }

        assertThat(rig.sharedRows(id)).as("after the same call").isEqualTo("20 40");
    }

    @Test
    void anIdOfWhichARecordIsLeftIsNotFree() throws Exception {
        TenantId id = rig.shared("a");
        try (Session session = rig.rig.database().open(TenantRig.WORK)) {
            MoveLedger.prepare(session);
            DropLedger.prepare(session);
            MoveLedger.begin(session, new TenantId(rig.rig.id("b")), Tenancy.RLS, "run-old");
            DropLedger.begin(session, new TenantId(rig.rig.id("c")), Tenancy.RLS, "run-old");
        }

        assertThatThrownBy(() -> rig.rig.create("b"))
                .isInstanceOf(TenantTaken.class)
                .hasMessageContaining("watchkeeper.tenant_moves");
        assertThatThrownBy(() -> rig.rig.create("c"))
                .isInstanceOf(TenantTaken.class)
                .hasMessageContaining("watchkeeper.tenant_drops");
        assertThat(rig.seen(id, "crew")).startsWith("20 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"repeatable read", "serializable"})
    void aSchemaIsComparedAsItIsUnderTheLockWhateverTheIsolationOfTheDatabase(String isolation) throws Exception {
        rig.rig.on("alter database " + rig.rig.name + " set default_transaction_isolation = '" + isolation + "'");
        TenantId id = suspended(Tenancy.SCHEMA);
        try (Connection connection = rig.rig.as("postgres");
                Statement statement = connection.createStatement()) {
            CompletableFuture<Void> committed = new CompletableFuture<>();
            StoppableWork work = at("archived", () -> {
                try {
                    statement.execute("begin; insert into \"" + id.schema() + "\".crew (name) values ('late')");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
                CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> {
                    waitForALock("relation");
                    try {
                        statement.execute("commit");
                        committed.complete(null);
                    } catch (SQLException e) {
                        committed.completeExceptionally(e);
                    }
                });
            });

            assertThatThrownBy(() -> drop(id, work)).hasMessageContaining("changed after it was archived");
            committed.join();
        }

        assertThat(rig.rig.value("select count(*) from \"" + id.schema() + "\".crew where name = 'late'"))
                .isEqualTo("1");
    }

    @Test
    void rowsThatReferToEachOtherAreDroppedAndMovedAlsoWhenThereAreMoreThanABatch() throws Exception {
        TenantId id = rig.shared("a");
        rig.rig.on("update duty set after_id = id - 1 where tenant_id = '" + id
                + "' and id > (select min(id) from duty where tenant_id = '" + id + "')");

        rig.move(id, Tenancy.SCHEMA);
        assertThat(rig.sharedRows(id)).isEqualTo("0 0");
        rig.move(id, Tenancy.RLS);
        new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id);
        drop(id, TenantRig.WORK);

        assertThat(rig.sharedRows(id)).isEqualTo("0 0");
        assertThat(rig.status(id)).isEqualTo("closed");
    }

    @Test
    void aDropOfTablesInACircleIsRefusedBeforeAnythingIsDone() throws Exception {
        TenantId id = suspended(Tenancy.RLS);
        rig.rig.on("alter table crew add duty_id bigint references duty");

        assertThatThrownBy(() -> drop(id, TenantRig.WORK)).hasMessageContaining("in a circle");

        assertThat(rig.sharedRows(id)).isEqualTo("20 40");
        assertThat(rig.rig.value("select count(*) from watchkeeper.tenant_drops"))
                .isEqualTo("0");
    }
}
