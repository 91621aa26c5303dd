package io.watchkeeper.toolkit.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VacuumTest {

    private static final Work WORK = Work.unattended("vacuum test");

    private DatabasePools pools;
    private Database database;

    @BeforeEach
    void open() {
        pools = TestServers.freshFleet();
        database = pools.database("shore");
    }

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void removesDeadRowsAndSaysHowMany() throws Exception {
        bloated("t");

        VacuumResult result = vacuum(VacuumPlan.of(List.of("public.t")));

        assertThat(result.failure()).isEmpty();
        assertThat(result.tables()).singleElement().satisfies(t -> {
            assertThat(t.deadTuplesBefore()).isEqualTo(9000);
            assertThat(t.deadTuplesAfter()).isZero();
            assertThat(t.bytesReclaimed()).isPositive();
            assertThat(t.fields())
                    .containsEntry("table", "public.t")
                    .containsEntry("database", "shore")
                    .containsKeys("durationMs", "bytesReclaimed")
                    .doesNotContainKey("skipped");
        });
    }

    @Test
    void fullGivesSpaceBackEvenFromTheFront() throws Exception {
        sql(
                "create table t (i int, doc text); insert into t select i, repeat('x', 500) from generate_series(1, 5000) i;"
                        + " delete from t where i < 4900");

        VacuumResult result =
                vacuum(new VacuumPlan(List.of("t"), true, true, true, null, 2, null, Duration.ofSeconds(5)));

        assertThat(result.bytesReclaimed()).isGreaterThan(2_000_000);
    }

    @Test
    void tablesWithFewDeadRowsAreSkippedAndSaySo() throws Exception {
        bloated("much");
        sql(
                "create table little (i int); insert into little select generate_series(1, 1000); delete from little where i <= 20");
        await().until(() -> number("select n_dead_tup from pg_stat_user_tables where relname = 'little'") == 20);

        VacuumPlan plan = new VacuumPlan(
                List.of("public.*"), false, false, false, Ratio.percent(10), null, null, Duration.ofSeconds(5));
        List<PlannedAction> planned = new Vacuum(database, WORK).describe(plan);
        VacuumResult result = vacuum(plan);

        assertThat(planned)
                .extracting(a -> a.sql() + " " + a.lock() + " " + a.note())
                .containsExactly(
                        "VACUUM public.little NONE skipped: 2 % of its rows are dead, less than 10 %",
                        "VACUUM public.much SHARE UPDATE EXCLUSIVE waits at most 5.0 s for the table");
        assertThat(result.tables())
                .extracting(VacuumedTable::skipped)
                .containsExactly("2 % of its rows are dead, less than 10 %", null);
        assertThat(number("select n_dead_tup from pg_stat_user_tables where relname = 'little'"))
                .isEqualTo(20);
    }

    @Test
    void partitionsAreVacuumedOneByOne() throws Exception {
        sql("create table e (i int) partition by range (i); create table e1 partition of e for values from (0) to (10);"
                + " create table e2 partition of e for values from (10) to (20)");

        assertThat(vacuum(VacuumPlan.of(List.of("e"))).tables())
                .extracting(t -> t.table().toString())
                .containsExactly("public.e1", "public.e2");
    }

    @Test
    void theWholeDatabaseIsEveryTable() throws Exception {
        assertThat(vacuum(VacuumPlan.of(List.of())).tables()).isEmpty();
        sql("create table a (i int); create schema s; create table s.b (i int)");

        assertThat(vacuum(VacuumPlan.of(List.of())).tables())
                .extracting(t -> t.table().toString())
                .containsExactly("public.a", "s.b");
    }

    @Test
    void aLockedTableFailsInTimeAndDoesNotStopTheOthers() throws Exception {
        sql("create table a (i int); create table b (i int)");
        try (Session other = database.open(Work.unattended("someone else"))) {
            other.begin();
            other.update("lock table a in share update exclusive mode");

            long start = System.nanoTime();
            VacuumResult result = vacuum(
                    new VacuumPlan(List.of("public.*"), false, false, false, null, null, null, Duration.ofMillis(300)));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
            assertThat(result.tables()).extracting(t -> t.table().name()).containsExactly("b");
            assertThat(result.failure()).hasValueSatisfying(e -> {
                assertThat(e)
                        .hasMessageContaining("public.a in database 'shore' is locked")
                        .hasMessageContaining("'someone else'");
                assertThat(FailureClass.of(e)).isEqualTo(FailureClass.RETRYABLE);
            });
        }
    }

    @Test
    void aTableThatIsNotOnesOwnIsAFailureAndNotASilentSkip() throws Exception {
        String role = "stranger_" + ProcessHandle.current().pid();
        sql("create table a (i int); drop role if exists " + role + "; create role " + role + " login");
        DatabaseSettings stranger =
                new DatabaseSettings("shore", database.settings().url(), role, null, 2, null, true);
        try (DatabasePools other = new DatabasePools(List.of(stranger))) {
            VacuumResult vacuumed = new Vacuum(other.database("shore"), WORK).run(VacuumPlan.of(List.of("a")));
            AnalyzeResult analyzed = new Analyze(other.database("shore"), WORK).run(AnalyzePlan.of(List.of("a")));

            assertThat(vacuumed.tables()).isEmpty();
            assertThat(analyzed.tables()).isEmpty();
            for (OperatorException e :
                    List.of(vacuumed.failure().orElseThrow(), analyzed.failure().orElseThrow())) {
                assertThat(e).hasMessageContaining("role '" + role + "' may not maintain public.a in database 'shore'");
                assertThat(e.hint()).contains("GRANT MAINTAIN ON public.a TO " + role);
            }
        }
        sql("drop role " + role);
    }

    @Test
    void costLimitSlowsThisSessionOnlyAndCancelStopsIt() throws Exception {
        sql(
                "create table t (i int, doc text) with (autovacuum_enabled = off);"
                        + " insert into t select i, repeat('x', 1000) from generate_series(1, 20000) i; delete from t where i % 2 = 0");
        StoppableWork work = new StoppableWork("slow vacuum");
        CompletableFuture<VacuumResult> running = CompletableFuture.supplyAsync(() -> {
            try {
                return new Vacuum(database, work)
                        .run(new VacuumPlan(List.of("t"), false, false, false, null, null, 1, Duration.ofSeconds(5)));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> number("select count(*) from pg_stat_activity where application_name = 'slow vacuum'"
                        + " and query like 'VACUUM%' and state = 'active' and datname = current_database()")
                == 1);

        work.stop();

        assertThatThrownBy(running::join).hasCauseInstanceOf(WorkCancelledException.class);
        assertThat(number("select setting::int from pg_settings where name = 'vacuum_cost_delay'"))
                .isZero();
    }

    @Test
    void describesWithoutVacuuming() throws Exception {
        bloated("t");

        List<PlannedAction> actions = new Vacuum(database, WORK)
                .describe(new VacuumPlan(List.of("t"), true, true, false, null, 4, null, Duration.ofSeconds(2)));

        assertThat(actions).singleElement().satisfies(a -> {
            assertThat(a.sql()).isEqualTo("VACUUM (FULL, FREEZE) public.t");
            assertThat(a.lock()).isEqualTo(LockLevel.ACCESS_EXCLUSIVE);
        });
        assertThat(number("select n_dead_tup from pg_stat_user_tables where relname = 't'"))
                .isEqualTo(9000);
    }

    @Test
    void aTableThatDoesNotExistIsAnError() {
        assertThatThrownBy(() -> vacuum(VacuumPlan.of(List.of("nosuch"))))
                .isInstanceOf(OperatorException.class)
                .hasMessage("there is no table public.nosuch in database 'shore'");
    }

    private VacuumResult vacuum(VacuumPlan plan) throws SQLException {
        return new Vacuum(database, WORK).run(plan);
    }

    private void bloated(String table) throws SQLException {
        sql("create table " + table + " (i int) with (autovacuum_enabled = off); insert into " + table
                + " select generate_series(1, 10000); delete from " + table + " where i > 1000");
        await().until(() ->
                number("select n_dead_tup from pg_stat_user_tables where relname = '" + table + "'") == 9000);
    }

    private void sql(String sql) throws SQLException {
        try (Session session = database.open(WORK)) {
            session.update(sql);
        }
    }

    private long number(String sql) throws SQLException {
        try (Session session = database.open(WORK)) {
            return session.one(sql, row -> row.getLong(1));
        }
    }
}
