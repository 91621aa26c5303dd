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
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VacuumTest {

    private static final Work WORK = Work.unattended("vacuum test");
    private static final Clock CLOCK = Clock.systemUTC();

    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

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
                vacuum(plan("t", new VacuumHow(true, FIVE_MINUTES, true, true, 2, null, false, FIVE_SECONDS)));

        assertThat(result.bytesReclaimed()).isGreaterThan(2_000_000);
    }

    @Test
    void tablesWithFewDeadRowsAreSkippedAndSaySo() throws Exception {
        bloated("much");
        sql(
                "create table little (i int); insert into little select generate_series(1, 1000); delete from little where i <= 20");
        await().until(() -> number("select n_dead_tup from pg_stat_user_tables where relname = 'little'") == 20);

        VacuumPlan plan = when(new VacuumWhen(Ratio.percent(10), null, null));
        List<PlannedAction> planned = new Vacuum(database, WORK, CLOCK).describe(plan);
        VacuumResult result = vacuum(plan);

        assertThat(planned)
                .extracting(a -> a.sql() + " " + a.lock() + " " + a.note())
                .containsExactly(
                        "VACUUM public.much SHARE UPDATE EXCLUSIVE 90 %: 9,000 of 10,000 rows are dead;"
                                + " waits at most 5.0 s for the table",
                        "VACUUM public.little NONE skipped: 2 % of its rows are dead, less than 10 %");
        assertThat(result.tables())
                .extracting(VacuumedTable::skipped)
                .containsExactly(null, "2 % of its rows are dead, less than 10 %");
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
            VacuumResult result = vacuum(plan(
                    "public.*",
                    new VacuumHow(false, FIVE_MINUTES, false, false, null, null, false, Duration.ofMillis(300))));

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
            VacuumResult vacuumed = new Vacuum(other.database("shore"), WORK, CLOCK).run(VacuumPlan.of(List.of("a")));
            AnalyzeResult analyzed =
                    new Analyze(other.database("shore"), WORK, CLOCK).run(AnalyzePlan.of(List.of("a")));

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
                return new Vacuum(database, work, CLOCK)
                        .run(plan("t", new VacuumHow(false, FIVE_MINUTES, false, false, null, 1, false, FIVE_SECONDS)));
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

        List<PlannedAction> actions = new Vacuum(database, WORK, CLOCK)
                .describe(plan("t", new VacuumHow(true, FIVE_MINUTES, true, false, 4, null, false, FIVE_SECONDS)));

        assertThat(actions).singleElement().satisfies(a -> {
            assertThat(a.sql()).isEqualTo("VACUUM (FULL, FREEZE) public.t");
            assertThat(a.lock()).isEqualTo(LockLevel.ACCESS_EXCLUSIVE);
            assertThat(a.note())
                    .contains("a second table of up to ")
                    .contains("its disk has ")
                    .contains("never longer than 5 min");
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

    @Test
    void aTableInUseIsSkippedAtOnceWhereThatIsWantedAndWhoUsesItIsSaid() throws Exception {
        sql("create table a (i int); create table b (i int)");
        try (Session other = database.open(Work.unattended("someone else"))) {
            other.begin();
            other.update("lock table a in access exclusive mode");

            VacuumResult result = vacuum(
                    plan("public.*", new VacuumHow(false, FIVE_MINUTES, false, false, null, null, true, FIVE_SECONDS)));

            assertThat(result.failure()).isEmpty();
            assertThat(result.vacuumed()).isEqualTo(1);
            assertThat(result.leftOut()).singleElement().satisfies(left -> {
                assertThat(left.table().name()).isEqualTo("a");
                assertThat(left.skipped())
                        .contains("is locked: public.a by pid")
                        .contains("'someone else'");
            });
        }
    }

    @Test
    void skippingLockedTablesSeesALockThatOnlyVacuumMeets() throws Exception {
        sql("create table a (i int)");
        try (Session other = database.open(Work.unattended("someone else"))) {
            other.begin();
            other.update("lock table a in share update exclusive mode");

            VacuumResult result = vacuum(
                    plan("public.*", new VacuumHow(false, FIVE_MINUTES, false, false, null, null, true, FIVE_SECONDS)));

            assertThat(result.failure()).isEmpty();
            assertThat(result.leftOut())
                    .singleElement()
                    .satisfies(left -> assertThat(left.skipped()).contains("'someone else'"));
        }
    }

    @Test
    void moreDeadRowsGoFirstAndTheOldestBeforeAll() throws Exception {
        sql("create table old (i int)");
        burnTransactions(1_500);
        sql("create table few (i int) with (autovacuum_enabled = off); insert into few select generate_series(1, 1000);"
                + " delete from few where i <= 300");
        bloated("many");
        sql("vacuum few"); // its pages are counted; then it dies again
        sql("insert into few select generate_series(1, 300); delete from few where i <= 300");
        await().until(() -> number("select n_dead_tup from pg_stat_user_tables where relname = 'few'") >= 300);

        VacuumPlan plan = when(new VacuumWhen(Ratio.percent(10), 1_500L, null));
        List<PlannedAction> planned = new Vacuum(database, WORK, CLOCK).describe(plan);
        VacuumResult result = vacuum(plan);

        assertThat(planned)
                .extracting(PlannedAction::sql)
                .containsExactly("VACUUM public.old", "VACUUM public.many", "VACUUM public.few");
        assertThat(planned.get(0).note()).contains(" transactions old, ");
        assertThat(result.tables().get(0)).satisfies(old -> {
            assertThat(old.table().name()).isEqualTo("old");
            assertThat(old.xidAgeBefore()).isGreaterThanOrEqualTo(1_500);
            // Half the limit, so that it is not due again at once.
            assertThat(old.xidAgeAfter()).isLessThan(1_000);
            assertThat(old.fields()).containsKey("need");
        });
        assertThat(vacuum(plan).vacuumed()).isZero();
    }

    @Test
    void deadPiecesOfToastCountToo() throws Exception {
        sql("create table t (i int, doc text) with (autovacuum_enabled = off);"
                + " alter table t alter doc set storage external;"
                + " insert into t select i, repeat('x', 9000) from generate_series(1, 400) i;"
                + " insert into t select i, '' from generate_series(1, 20000) i;"
                + " delete from t where i <= 300 and doc <> ''");
        await().until(() -> number("select n_dead_tup from pg_stat_user_tables where relname = 't'") == 300);

        VacuumResult result = vacuum(when(new VacuumWhen(Ratio.percent(10), null, null)));

        assertThat(result.tables()).singleElement().satisfies(t -> {
            assertThat(t.skipped()).isNull();
            assertThat(t.need()).contains("pieces of its TOAST table are dead");
        });
    }

    @Test
    void stopsAtTheEndOfTheBudgetAndLeavesTheRest() throws Exception {
        sql(
                "create table a (i int, doc text) with (autovacuum_enabled = off); create table b (i int);"
                        + " insert into a select i, repeat('x', 1000) from generate_series(1, 20000) i; delete from a where i % 2 = 0");
        await().until(() -> number("select n_dead_tup from pg_stat_user_tables where relname = 'a'") == 10_000);
        VacuumHow slow = new VacuumHow(false, FIVE_MINUTES, false, false, null, 1, false, FIVE_SECONDS);
        TimeFrame brief = new TimeFrame(Duration.ofMillis(700), null, null, ZoneOffset.UTC);

        VacuumResult result = vacuum(new VacuumPlan(List.of("public.*"), slow, VacuumWhen.always(), brief));

        assertThat(result.failure()).isEmpty();
        assertThat(result.leftOut())
                .extracting(left -> left.table().name() + " " + left.skipped())
                .containsExactly(
                        "a stopped: the budget of 700 ms is used up; what it had removed stays removed",
                        "b not begun: the budget of 700 ms is used up");
        // What follows in the same session is not stopped.
        assertThat(vacuum(VacuumPlan.of(List.of("b"))).vacuumed()).isEqualTo(1);
    }

    @Test
    void outsideItsWindowItDoesNothing() throws Exception {
        bloated("t");
        Clock noon = Clock.fixed(Instant.parse("2026-05-01T12:00:00Z"), ZoneOffset.UTC);
        TimeFrame night = new TimeFrame(null, LocalTime.of(1, 0), LocalTime.of(6, 0), ZoneOffset.UTC);
        VacuumPlan plan = new VacuumPlan(List.of("t"), VacuumHow.plain(), VacuumWhen.always(), night);

        VacuumResult result = new Vacuum(database, WORK, noon).run(plan);

        assertThat(result.leftOut())
                .extracting(VacuumedTable::skipped)
                .containsExactly("it is not between 01:00 and 06:00 Z");
        assertThat(new Vacuum(database, WORK, noon).describe(plan))
                .extracting(PlannedAction::lock)
                .containsExactly(LockLevel.NONE);
        assertThat(number("select n_dead_tup from pg_stat_user_tables where relname = 't'"))
                .isEqualTo(9000);
    }

    @Test
    void saysWhoKeepsDeadRowsThatItCouldNotRemove() throws Exception {
        try (Session reader = database.open(Work.unattended("long report"))) {
            reader.begin();
            reader.update("set transaction isolation level repeatable read");
            reader.query("select txid_current_snapshot()");
            bloated("t");

            VacuumResult result = vacuum(VacuumPlan.of(List.of("t")));

            assertThat(result.tables().get(0).deadTuplesAfter()).isEqualTo(9000);
            assertThat(result.heldBack()).isNotEmpty().first().satisfies(holder -> {
                assertThat(holder.kind()).isEqualTo(XminHolder.Kind.TRANSACTION);
                assertThat(holder.say()).contains("'long report'").contains("idle in transaction");
                assertThat(holder.remedy()).startsWith("SELECT pg_terminate_backend(");
            });
            assertThat(new Vacuum(database, WORK, CLOCK)
                            .describe(VacuumPlan.of(List.of("t")))
                            .get(0)
                            .note())
                    .contains("what was deleted since stays: the transaction of pid");
        }
        assertThat(vacuum(VacuumPlan.of(List.of("t"))).heldBack()).isEmpty();
    }

    @Test
    void fullIsRefusedWhereTheDiskHasNoRoomForASecondTable() throws Exception {
        bloated("t");
        RewriteRoom none = new RewriteRoom(folder -> Optional.of(Bytes.of(10)));
        VacuumPlan plan = plan("t", new VacuumHow(true, FIVE_MINUTES, false, false, null, null, false, FIVE_SECONDS));

        VacuumResult result = new Vacuum(database, WORK, CLOCK, none).run(plan);

        assertThat(result.vacuumed()).isZero();
        assertThat(result.failure())
                .hasValueSatisfying(e -> assertThat(e)
                        .hasMessageContaining("VACUUM FULL of public.t in database 'shore' may need ")
                        .hasMessageContaining("its disk has 10 bytes free"));
        assertThat(new Vacuum(database, WORK, CLOCK, none).describe(plan).get(0).note())
                .contains("refused: its disk has 10 bytes free");
    }

    @Test
    void fullGivesUpATableThatWouldBeLockedForTooLong() throws Exception {
        sql("create table t (i int, doc text) with (autovacuum_enabled = off);"
                + " insert into t select i, repeat('x', 500) from generate_series(1, 60000) i");
        long before = number("select pg_relation_filenode('t')");

        VacuumResult result = vacuum(
                plan("t", new VacuumHow(true, Duration.ofMillis(1), false, false, null, null, false, FIVE_SECONDS)));

        assertThat(result.leftOut())
                .extracting(VacuumedTable::skipped)
                .containsExactly("stopped: it would have been locked for longer than 1 ms; it is as it was");
        assertThat(number("select pg_relation_filenode('t')")).isEqualTo(before);
    }

    @Test
    void tellsHowFarTheServerIs() throws Exception {
        sql(
                "create table t (i int, doc text) with (autovacuum_enabled = off);"
                        + " insert into t select i, repeat('x', 1000) from generate_series(1, 20000) i; delete from t where i % 2 = 0");
        StoppableWork work = new StoppableWork("watched vacuum");
        TimeFrame brief = new TimeFrame(Duration.ofSeconds(3), null, null, ZoneOffset.UTC);
        VacuumHow slow = new VacuumHow(false, FIVE_MINUTES, false, false, null, 1, false, FIVE_SECONDS);

        new Vacuum(database, work, CLOCK).run(new VacuumPlan(List.of("t"), slow, VacuumWhen.always(), brief));

        assertThat(work.progress).anySatisfy(one -> {
            assertThat(one.subject()).isEqualTo("public.t");
            assertThat(one.stage()).isEqualTo("vacuum: scanning heap");
            assertThat(one.totalBytes()).isPositive();
        });
        assertThat(work.progress.get(work.progress.size() - 1).isFinished()).isTrue();
    }

    private void burnTransactions(int count) throws SQLException {
        sql("do $$ begin for i in 1.." + count
                + " loop begin perform txid_current(); create temp table burnt (i int); raise exception 'x';"
                + " exception when raise_exception then null; end; end loop; end $$");
    }

    private static VacuumPlan plan(String table, VacuumHow how) {
        return new VacuumPlan(List.of(table), how, VacuumWhen.always(), TimeFrame.always());
    }

    private static VacuumPlan when(VacuumWhen when) {
        return new VacuumPlan(List.of("public.*"), VacuumHow.plain(), when, TimeFrame.always());
    }

    private VacuumResult vacuum(VacuumPlan plan) throws SQLException {
        return new Vacuum(database, WORK, CLOCK).run(plan);
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
            session.query("select pg_stat_force_next_flush()");
        }
    }

    private long number(String sql) throws SQLException {
        try (Session session = database.open(WORK)) {
            return session.one(sql, row -> row.getLong(1));
        }
    }
}
