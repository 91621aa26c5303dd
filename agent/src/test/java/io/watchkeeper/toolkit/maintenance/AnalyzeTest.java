package io.watchkeeper.toolkit.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
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
        try (Session session = database.open(WORK)) {
            session.update(
                    "create table \"T 1\" (i int) with (autovacuum_enabled = off); insert into \"T 1\" select generate_series(1, 500);"
                            + " create table e (i int) partition by range (i); create table e1 partition of e for values from (0) to (100);"
                            + " insert into e select generate_series(1, 50)");
        }
    }

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void renewsStatisticsAndSaysWhatItFound() throws Exception {
        AnalyzeResult result = new Analyze(database, WORK).run(AnalyzePlan.of(List.of("public.*")));

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
        List<PlannedAction> actions = new Analyze(database, WORK).describe(AnalyzePlan.of(List.of()));

        assertThat(actions)
                .extracting(PlannedAction::sql)
                .containsExactly("ANALYZE public.\"T 1\"", "ANALYZE public.e");
        assertThat(actions).allMatch(a -> a.lock() == LockLevel.SHARE_UPDATE_EXCLUSIVE);
        try (Session session = database.open(WORK)) {
            assertThat(session.query("select 1 from pg_stats where tablename = 'T 1'"))
                    .isEmpty();
        }
    }
}
