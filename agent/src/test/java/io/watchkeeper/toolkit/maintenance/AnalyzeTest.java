package io.watchkeeper.toolkit.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnalyzeTest {

    private static final Work WORK = Work.unattended("analyze test");

    private DatabasePools pools;
    private Database database;

    @BeforeEach
    void open() throws Exception {
        pools = TestServers.freshFleet();
        database = pools.database("shore");
        sql(
                "create table \"T 1\" (i int) with (autovacuum_enabled = off); insert into \"T 1\" select generate_series(1, 500);"
                        + " create table e (i int) partition by range (i); create table e1 partition of e for values from (0) to (100);"
                        + " insert into e select generate_series(1, 50)");
    }

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void renewsStatisticsAndSaysWhatItFound() throws Exception {
        AnalyzeResult result = new Analyze(database, WORK, Clock.systemUTC()).run(AnalyzePlan.of(List.of("public.*")));

        assertThat(result.failure()).isEmpty();
        assertThat(result.tables())
                .extracting(t -> t.table() + " " + t.estimatedRows())
                .containsExactly("public.\"T 1\" 500", "public.e 50");
        assertThat(result.tables().get(0).fields())
                .containsEntry("table", "public.\"T 1\"")
                .containsEntry("estimatedRows", 500L)
                .containsKey("durationMs");
        try (Session session = database.open(WORK)) {
            assertThat(session.query("select 1 from pg_stats where tablename = 'e1'"))
                    .hasSize(1);
        }
    }

    @Test
    void describesWithoutAnalyzing() throws Exception {
        List<PlannedAction> actions =
                new Analyze(database, WORK, Clock.systemUTC()).describe(AnalyzePlan.of(List.of()));

        assertThat(actions)
                .extracting(PlannedAction::sql)
                .containsExactly("ANALYZE public.\"T 1\"", "ANALYZE public.e");
        assertThat(actions).allMatch(a -> a.lock() == LockLevel.SHARE_UPDATE_EXCLUSIVE);
        try (Session session = database.open(WORK)) {
            assertThat(session.query("select 1 from pg_stats where tablename = 'T 1'"))
                    .isEmpty();
        }
    }

    @Test
    void onlyWhatHasChangedIsAnalyzedAndRootsOfPartitionsAreWatchedToo() throws Exception {
        AnalyzePlan plan = new AnalyzePlan(
                List.of("public.*"), Ratio.percent(10), false, Duration.ofSeconds(5), TimeFrame.always());
        Analyze analyze = new Analyze(database, WORK, Clock.systemUTC());

        assertThat(analyze.run(plan).tables())
                .extracting(t -> t.table() + " " + t.skipped() + " " + t.need())
                .containsExactly("public.\"T 1\" null never analyzed", "public.e null never analyzed");
        assertThat(analyze.run(plan).analyzed()).isZero();

        sql("update \"T 1\" set i = i + 1 where i <= 20; insert into e select generate_series(51, 90)");
        AnalyzeResult result = analyze.run(plan);
        assertThat(result.tables())
                .extracting(t -> t.table() + " " + t.skipped() + " " + t.need())
                .containsExactly(
                        "public.e null 44.4 %: 40 rows written since it was analyzed, of 90",
                        "public.\"T 1\" 4 %: 20 rows written since it was analyzed, of 500, less than 10 % ");
        assertThat(result.words()).isEqualTo("1 of 2 tables analyzed, 1 were due");
    }

    @Test
    void aTableInUseIsSkippedWhereThatIsWanted() throws Exception {
        AnalyzePlan plan = new AnalyzePlan(List.of("public.*"), null, true, Duration.ofSeconds(5), TimeFrame.always());
        try (Session other = database.open(Work.unattended("someone else"))) {
            other.begin();
            other.update("lock table \"T 1\" in share update exclusive mode");

            AnalyzeResult result = new Analyze(database, WORK, Clock.systemUTC()).run(plan);

            assertThat(result.failure()).isEmpty();
            assertThat(result.analyzed()).isEqualTo(1);
            assertThat(result.leftOut())
                    .singleElement()
                    .satisfies(left -> assertThat(left.skipped()).contains("'someone else'"));
        }
    }

    /** Autovacuum analyzes partitions, so that their counters begin anew, and never the table that they are of. */
    @Test
    void whatAutovacuumHasCountedAwayInAPartitionStillCountsForItsRoot() {
        TableStatistics root = statistics("e", 1, true, 1_000, 0, 0, 500, 0);
        TableStatistics seen = statistics("e1", 2, false, 900, 9, 900, 501, 0);
        TableStatistics later = statistics("e2", 3, false, 100, 0, 100, 0, 600);

        assertThat(AnalyzeTask.byChange(List.of(root, seen, later), Ratio.percent(10)))
                .filteredOn(AnalyzeTask::due)
                .extracting(task -> task.name() + " " + task.words())
                .containsExactly("public.e 10.9 %: 109 rows written since it was analyzed, of 1,000");
    }

    private static TableStatistics statistics(
            String name, long id, boolean partitioned, long rows, long changed, long live, double at, double autoAt) {
        return new TableStatistics(
                new TableName("public", name),
                id,
                1,
                partitioned,
                true,
                rows,
                new TableStatistics.Rows(live, 0),
                new TableStatistics.Rows(0, 0),
                changed,
                at,
                autoAt,
                0,
                0,
                0,
                0);
    }

    private void sql(String sql) throws SQLException {
        try (Session session = database.open(WORK)) {
            session.update(sql);
            session.query("select pg_stat_force_next_flush()");
        }
    }
}
