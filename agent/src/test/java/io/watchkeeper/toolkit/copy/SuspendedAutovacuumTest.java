package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SuspendedAutovacuumTest {

    private static final TableName T = TableName.parse("public.t");

    private static final CopyPlan CHUNKS = CopyPlan.of(T)
            .with(o -> o.withResume(true)
                    .withSuspendAutovacuum(true)
                    .withPace(Pace.FREE.withBatch(100L).withWorkers(1)));

    private static final CopyPlan APPEND =
            CopyPlan.of(T).with(o -> o.withStrategy(CopyStrategy.APPEND).withSuspendAutovacuum(true));

    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final Fleet fleet = new Fleet();

    @BeforeEach
    void fill() {
        fleet.both("create table t (id int primary key, filler text)");
        fleet.on("shore", "insert into t select i, repeat('x', 500) from generate_series(1, 1000) i; analyze t");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void isSuspendedWhileChunksComeInAndPutBackAfterwards() throws Exception {
        List<String> during = new ArrayList<>();

        CopyResult result = fleet.copy(slow(CHUNKS), atRow(300, w -> during.addAll(options("t"))));

        assertThat(during).containsExactly("autovacuum_enabled=off", "toast autovacuum_enabled=off");
        assertThat(options("t")).isEmpty();
        assertThat(result.rowsWritten()).isEqualTo(1000);
        assertNothingLeft();
    }

    @Test
    void isSuspendedWhileRowsAreAppendedInOneTransaction() throws Exception {
        List<String> during = new ArrayList<>();

        fleet.copy(slow(APPEND), atRow(300, w -> during.addAll(options("t"))));

        assertThat(during).containsExactly("autovacuum_enabled=off", "toast autovacuum_enabled=off");
        assertThat(options("t")).isEmpty();
        assertNothingLeft();
    }

    @Test
    void whatTheUserHadSetIsPutBackAndOtherOptionsAreNotTouched() throws Exception {
        fleet.on(
                "ship",
                "alter table t set (autovacuum_enabled = false, fillfactor = 70, toast.autovacuum_enabled = true,"
                        + " toast.autovacuum_vacuum_threshold = 77)");
        List<String> before = options("t");
        List<String> during = new ArrayList<>();

        fleet.copy(slow(CHUNKS), atRow(300, w -> during.addAll(options("t"))));
        fleet.copy(APPEND.with(o -> o.withWhere("false")));

        assertThat(during)
                .containsExactlyInAnyOrder(
                        "autovacuum_enabled=off",
                        "fillfactor=70",
                        "toast autovacuum_enabled=off",
                        "toast autovacuum_vacuum_threshold=77");
        assertThat(options("t"))
                .isEqualTo(before)
                .contains("autovacuum_enabled=false", "toast autovacuum_enabled=true");
        assertNothingLeft();
    }

    @Test
    void whatSomebodyElseSetsMeanwhileStays() throws Exception {
        fleet.copy(slow(CHUNKS), atRow(300, w -> fleet.on("ship", "alter table t set (autovacuum_enabled = true)")));

        assertThat(options("t")).containsExactly("autovacuum_enabled=true");
    }

    @Test
    void aFailureAndACancellationPutItBack() throws Exception {
        fleet.on("ship", "alter table t add check (id < 900)");
        for (CopyPlan plan : List.of(CHUNKS, APPEND)) {
            assertThatThrownBy(() -> fleet.copy(plan)).isInstanceOf(OperatorException.class);
            assertThat(options("t")).isEmpty();
            assertNothingLeft();
            fleet.on("ship", "truncate t, watchkeeper.copies cascade");
        }
        fleet.on("ship", "alter table t drop constraint t_id_check");
        for (CopyPlan plan : List.of(slow(CHUNKS), slow(APPEND))) {
            List<String> during = new ArrayList<>();
            StoppableWork work = atRow(300, w -> {
                during.addAll(options("t"));
                w.stop();
            });
            assertThatThrownBy(() -> fleet.copy(plan, work)).isInstanceOf(WorkCancelledException.class);
            assertThat(during).hasSize(2);
            assertThat(options("t")).isEmpty();
            assertNothingLeft();
            fleet.on("ship", "truncate t");
        }
    }

    @Test
    void aLostConnectionPutsItBackToo() throws Exception {
        String cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vacuum test'"
                + " and datname = current_database()";

        fleet.copy(slow(CHUNKS), atRow(300, w -> fleet.on("ship", cut)));

        assertThat(options("t")).isEmpty();
        assertThatThrownBy(() -> fleet.copy(
                        slow(APPEND.with(o -> o.withWhere("id > 0"))), atRow(300, w -> fleet.on("ship", cut))))
                .isInstanceOf(OperatorException.class);
        assertThat(options("t")).isEmpty();
        assertNothingLeft();
    }

    @Test
    void theNextCopyPutsBackWhatADeadAgentLeft() throws Exception {
        List<CopyPlan> next = List.of(
                CopyPlan.of(T),
                APPEND.with(o -> o.withSuspendAutovacuum(false).withWhere("false")),
                CHUNKS.with(o -> o.withSuspendAutovacuum(false)),
                CopyPlan.of(T).with(o -> o.withStrategy(CopyStrategy.SWAP)),
                CHUNKS.with(o -> o.withStrategy(CopyStrategy.SWAP).withSuspendAutovacuum(false)),
                CHUNKS);
        for (CopyPlan plan : next) {
            leaveBehind("t");

            fleet.copy(plan);

            assertThat(options("t")).as(plan.toString()).containsExactly("fillfactor=70");
            assertNothingLeft();
        }
    }

    @Test
    void aSweepPutsBackWhatADeadAgentLeftAndForgetsTablesThatAreGone() throws Exception {
        fleet.on("ship", "create table gone (id int)");
        leaveBehind("gone");
        fleet.on("ship", "drop table gone");
        leaveBehind("t");

        assertThat(CopySweep.sweep(fleet.ship())).isTrue();

        assertThat(options("t")).containsExactly("fillfactor=70");
        assertNothingLeft();
    }

    @Test
    void aTableThatStaysLockedKeepsItsRecordUntilTheNextSweep() throws Exception {
        leaveBehind("t");
        try (Connection other = TestServers.connect(fleet.login("ship"))) {
            other.setAutoCommit(false);
            other.createStatement().execute("lock table t");
            CopySweep.sweep(fleet.ship());
        }
        assertThat(fleet.value("ship", "select count(*) from watchkeeper.suspended_autovacuum"))
                .isEqualTo("1");

        CopySweep.sweep(fleet.ship());

        assertThat(options("t")).containsExactly("fillfactor=70");
        assertNothingLeft();
    }

    @Test
    void aSweepLeavesARunningCopyAlone() throws Exception {
        List<String> after = new ArrayList<>();

        for (CopyPlan plan : List.of(slow(CHUNKS), slow(APPEND.with(o -> o.withWhere("id > 0"))))) {
            fleet.on("ship", "truncate t");
            fleet.copy(plan, atRow(300, w -> {
                CopySweep.sweep(fleet.ship());
                after.addAll(options("t"));
            }));
        }

        assertThat(after).hasSize(4).allMatch(o -> o.endsWith("autovacuum_enabled=off"));
        assertThat(options("t")).isEmpty();
        assertNothingLeft();
    }

    @Test
    void ofTwoCopiesIntoOneTableTheLastOnePutsItBack() throws Exception {
        try (Session first = fleet.ship().open(Fleet.WORK);
                Session second = fleet.ship().open(Fleet.WORK)) {
            SuspendedAutovacuum.suspend(first, List.of(T));
            SuspendedAutovacuum.suspend(second, List.of(T));

            SuspendedAutovacuum.release(first, List.of(T));
            assertThat(options("t")).hasSize(2);

            SuspendedAutovacuum.release(second, List.of(T));
            assertThat(options("t")).isEmpty();
        }
        assertNothingLeft();
    }

    @Test
    void ofAPartitionedTableItsPartitions() throws Exception {
        fleet.both("""
                create table p (id int primary key, v text) partition by range (id);
                create table p1 partition of p for values from (0) to (500);
                create table p2 partition of p for values from (500) to (5000) partition by range (id);
                create table "P 3" partition of p2 for values from (500) to (5000)""");
        fleet.on("shore", "insert into p select i, repeat('x', 500) from generate_series(1, 1000) i");
        List<String> during = new ArrayList<>();
        TableName p = TableName.parse("p");

        fleet.copy(slow(CHUNKS).withTables(p, p), atRow(300, w -> {
            during.addAll(options("p1"));
            during.addAll(options("\"P 3\""));
        }));

        assertThat(during).hasSize(4).allMatch(o -> o.endsWith("autovacuum_enabled=off"));
        assertThat(options("p1")).isEmpty();
        assertThat(options("\"P 3\"")).isEmpty();
        assertNothingLeft();
    }

    @Test
    void ofASwapInChunksTheNewTable() throws Exception {
        fleet.on("ship", "alter table t set (fillfactor = 70)");
        List<String> during = new ArrayList<>();
        CopyPlan swap = CHUNKS.with(o -> o.withStrategy(CopyStrategy.SWAP));

        assertThatThrownBy(() -> fleet.copy(slow(swap), atRow(300, w -> {
                    during.addAll(options("t"));
                    during.addAll(options(fleet.value("ship", "select stand_in from watchkeeper.copies")));
                    w.stop();
                })))
                .isInstanceOf(WorkCancelledException.class);
        assertThat(during)
                .containsExactlyInAnyOrder(
                        "fillfactor=70", "fillfactor=70", "autovacuum_enabled=off", "toast autovacuum_enabled=off");
        assertNothingLeft();
        fleet.copy(swap);

        assertThat(options("t")).containsExactly("fillfactor=70");
        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("1000");
        assertNothingLeft();
    }

    @Test
    void severalTablesInChunksAndOneByOne() throws Exception {
        fleet.both("create table u (id int primary key, filler text)");
        fleet.on("shore", "insert into u select i, repeat('x', 500) from generate_series(1, 1000) i");
        for (CopyOptions options : List.of(CHUNKS.options(), APPEND.options())) {
            fleet.on("ship", "truncate t, u");
            List<String> during = new ArrayList<>();
            StoppableWork work = new StoppableWork("set");
            AtomicBoolean done = new AtomicBoolean();
            work.onProgress(p -> {
                if (p.subject().equals("public.u") && p.rows() > 300 && !done.getAndSet(true)) {
                    during.addAll(options("u"));
                }
            });
            TableSetPlan plan = new TableSetPlan(
                    List.of("public.t", "public.u"),
                    List.of(),
                    options.withPace(options.pace().withRateLimit(Bytes.kilobytes(2000))));

            TableSetResult result = new TableSetCopier(fleet.shore(), fleet.ship(), work).copy(plan);

            assertThat(result.failures()).isEmpty();
            assertThat(during).hasSize(2);
            assertThat(options("t")).isEmpty();
            assertThat(options("u")).isEmpty();
            assertNothingLeft();
        }
    }

    @Test
    void whereNobodyElseSeesTheRowsNothingIsSuspendedAndTheResultSaysSo() throws Exception {
        for (CopyStrategy strategy : List.of(CopyStrategy.TRUNCATE, CopyStrategy.SWAP)) {
            CopyPlan plan =
                    CopyPlan.of(T).with(o -> o.withSuspendAutovacuum(true).withStrategy(strategy));

            assertThat(describe(plan)).noneMatch(a -> a.sql().contains("autovacuum_enabled"));
            assertThat(fleet.copy(plan).notes()).singleElement().asString().contains("suspendAutovacuum has no effect");
        }
        assertThat(fleet.rows("ship", "select to_regnamespace('watchkeeper')")).containsExactly("null");
    }

    @Test
    void aDryRunShowsTheStatementsAndChangesNothing() throws Exception {
        fleet.on("ship", "alter table t set (autovacuum_enabled = false)");

        List<PlannedAction> actions = describe(CHUNKS).stream()
                .filter(a -> a.sql().contains("autovacuum_enabled"))
                .toList();

        assertThat(actions)
                .extracting(PlannedAction::sql)
                .containsExactly(
                        "ALTER TABLE public.t SET (autovacuum_enabled = off, toast.autovacuum_enabled = off)",
                        "ALTER TABLE public.t SET (autovacuum_enabled = 'false'), RESET (toast.autovacuum_enabled)");
        assertThat(actions).allMatch(a -> a.lock() == LockLevel.SHARE_UPDATE_EXCLUSIVE);
        assertThat(actions.get(0).note()).contains("watchkeeper.suspended_autovacuum");
        assertThat(options("t")).containsExactly("autovacuum_enabled=false");
        assertThat(fleet.rows("ship", "select to_regnamespace('watchkeeper')")).containsExactly("null");
    }

    @Test
    void whoDoesNotOwnTheTableIsToldBeforeAnythingIsChanged() throws Exception {
        String role = "appender_" + ProcessHandle.current().pid() + "_" + COUNTER.incrementAndGet();
        fleet.on("shore", "create role " + role + " login; grant select on t to " + role);
        fleet.on("ship", "create role " + role + " login; grant all on t to " + role);
        try (Fleet limited = fleet.loggingInAs(role, role)) {
            assertThatThrownBy(() -> limited.copy(APPEND))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("may not suspend autovacuum of public.t in database 'ship'")
                    .extracting(e -> ((OperatorException) e).hint())
                    .asString()
                    .contains("ALTER TABLE public.t OWNER TO " + role);
            assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("0");
            leaveBehind("t");

            limited.copy(APPEND.with(o -> o.withSuspendAutovacuum(false)));

            assertThat(options("t")).as("not its to alter").hasSize(3);
        } finally {
            fleet.both("drop owned by " + role + " cascade");
            fleet.both("drop role " + role);
        }
    }

    @Test
    void aTableThatStaysLockedFailsTheCopyWithItsHolder() throws Exception {
        try (Connection other = TestServers.connect(fleet.login("ship"))) {
            other.setAutoCommit(false);
            other.createStatement().execute("lock table t in share update exclusive mode");

            assertThatThrownBy(() -> fleet.copy(APPEND)).hasMessageContaining("public.t in database 'ship' is locked");
        }
        assertThat(options("t")).isEmpty();
        await().untilAsserted(this::assertNothingLeft);
    }

    private List<PlannedAction> describe(CopyPlan plan) throws SQLException {
        return new TableCopier(fleet.shore(), fleet.ship(), new ReadOnlyWork()).describe(plan);
    }

    private static CopyPlan slow(CopyPlan plan) {
        return plan.with(o -> o.withPace(o.pace().withRateLimit(Bytes.kilobytes(500))));
    }

    /** As an agent does that is killed: the record stays, and its session's lock goes. */
    private void leaveBehind(String table) throws SQLException {
        fleet.on("ship", "alter table " + table + " set (fillfactor = 70)");
        try (Session session = fleet.ship().open(Fleet.WORK)) {
            SuspendedAutovacuum.suspend(session, List.of(TableName.parse(table)));
        }
    }

    private List<String> options(String table) {
        return fleet.rows("ship", """
                select o from pg_class c left join pg_class t on t.oid = c.reltoastrelid,
                       lateral (select unnest(c.reloptions) union all select 'toast ' || unnest(t.reloptions)) x(o)
                 where c.oid = '%s'::regclass order by o""".formatted(table));
    }

    private interface Action {
        void accept(StoppableWork work) throws Exception;
    }

    private static StoppableWork atRow(long row, Action action) {
        StoppableWork work = new StoppableWork("vacuum test");
        AtomicBoolean done = new AtomicBoolean();
        work.onProgress(p -> {
            if (p.rows() >= row && p.stage().equals("load") && !done.getAndSet(true)) {
                try {
                    action.accept(work);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        return work;
    }

    private void assertNothingLeft() {
        assertThat(fleet.rows("ship", "select * from watchkeeper.suspended_autovacuum"))
                .isEmpty();
        await().untilAsserted(() -> assertThat(fleet.rows(
                        "ship",
                        "select 1 from pg_locks where locktype = 'advisory'"
                                + " and database = (select oid from pg_database where datname = current_database())"))
                .isEmpty());
    }
}
