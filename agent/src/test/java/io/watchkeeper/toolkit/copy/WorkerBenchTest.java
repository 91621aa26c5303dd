package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers are measured on real tables, and nothing of them is changed. */
class WorkerBenchTest {

    private static final TableName DOCUMENTS = new TableName("public", "documents");

    private static final String LEFTOVERS =
            "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                    + " where n.nspname = 'watchkeeper' and c.relname ~ '^bench_\\d'";

    private Fleet fleet;
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void makeTables() {
        fleet = new Fleet();
        fleet.both("create table documents (id bigint primary key, title text not null, at timestamptz);"
                + " create index on documents (title)");
        fleet.on(
                "shore",
                "insert into documents select i, 'document ' || i, now() from generate_series(1, 20000) i; analyze documents");
        fleet.on("ship", "insert into documents values (1, 'of the ship', now())");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void measuresEachNumberOfWorkersAndLeavesNothing() throws Exception {
        WorkerBenchResult result = bench(Fleet.WORK).measure(plan(3, null), told::add);

        JsonNode document = new ObjectMapper().valueToTree(result.fields());
        assertThat(document.path("measured")).hasSize(3);
        int workers = 0;
        for (JsonNode one : document.path("measured")) {
            assertThat(one.path("workers").asInt()).isEqualTo(++workers);
            assertThat(one.path("rowsWritten").asLong()).as("both rounds").isEqualTo(40_000);
            assertThat(one.path("rowsPerSecond").asLong()).isPositive();
            assertThat(one.path("bytes").asLong()).isGreaterThan(40_000 * 20);
        }
        assertThat(document.at("/measured/0/gain").asDouble()).isEqualTo(1);
        assertThat(result.line()).matches("workers [123]");
        assertThat(told).anyMatch(words -> words.startsWith("warming up"));
        assertThat(told).anyMatch(words -> words.contains("all 20000 rows") && words.contains("1 to 3 workers"));
        assertNothingLeft();
    }

    @Test
    void copiesOnlyTheFirstRowsWhenToldSo() throws Exception {
        WorkerBenchResult result = bench(Fleet.WORK).measure(plan(2, 3_000L), told::add);

        JsonNode document = new ObjectMapper().valueToTree(result.fields());
        assertThat(document.at("/measured/1/rowsWritten").asLong()).isBetween(2 * 2_500L, 2 * 5_000L);
        assertNothingLeft();
    }

    @Test
    void theScratchTableHasTheIndexesAndNoneOfTheUsersSequences() throws Exception {
        fleet.on(
                "ship",
                "alter table documents add column extra bigserial; create sequence other;"
                        + " alter table documents add column more int not null default nextval('other')");
        List<String> seen = new ArrayList<>();
        StoppableWork work = new StoppableWork("bench test");
        work.onProgress(progress -> {
            if (seen.isEmpty() && progress.rows() > 0) {
                seen.add(
                        fleet.value(
                                "ship",
                                "select string_agg(pg_get_indexdef(indexrelid), ' ') || ' ' || min(c.relpersistence)"
                                        + " from pg_index i join pg_class c on c.oid = i.indrelid where c.relname ~ '^bench_\\d'"));
            }
        });

        bench(work).measure(plan(2, null), told::add);

        assertThat(seen)
                .singleElement()
                .asString()
                .contains("UNIQUE INDEX", "(id)", "(title)")
                .endsWith(" p");
        assertThat(fleet.value("ship", "select last_value || ' ' || is_called from documents_extra_seq"))
                .isEqualTo("1 true");
        assertThat(fleet.value("ship", "select last_value || ' ' || is_called from other"))
                .isEqualTo("1 true");
        assertThat(fleet.value("ship", LEFTOVERS)).isEqualTo("0");
    }

    @Test
    void dropsItsTableWhenItIsCancelled() throws Exception {
        StoppableWork work = new StoppableWork("bench test");
        work.onProgress(progress -> {
            if (progress.subject().startsWith("2 workers")) {
                work.stop();
            }
        });

        assertThatThrownBy(() -> bench(work).measure(plan(4, 20_000L), told::add))
                .isInstanceOf(WorkCancelledException.class);

        assertNothingLeft();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> fleet.value(
                                "ship",
                                "select count(*) from pg_stat_activity where application_name = 'bench test' and state <> 'idle'")
                        .equals("0"));
    }

    @Test
    void dropsItsTableWhenACopyFails() {
        fleet.on("ship", "alter table documents add check (id < 15000)");

        assertThatThrownBy(() -> bench(Fleet.WORK).measure(plan(2, null), told::add))
                .hasMessageContaining("documents");

        assertNothingLeft();
    }

    @Test
    void dropsWhatAKilledRunLeftAndNothingThatIsInUse() throws Exception {
        fleet.both("create table others (id int primary key)");
        try (Session living = fleet.ship().open(Fleet.WORK)) {
            BenchTable.like(living, new TableName("public", "others")).make(living);
            try (Session dying = fleet.ship().open(Work.unattended("killed bench"))) {
                BenchTable.like(dying, DOCUMENTS).make(dying);
            } // what a server makes of a process that is killed: its locks are gone, its tables are not
            assertThat(fleet.value("ship", LEFTOVERS + " and c.relkind = 'r'")).isEqualTo("2");

            List<String> dropped;
            try (Session other = fleet.ship().open(Fleet.WORK)) {
                dropped = BenchTable.sweep(other);
            }

            assertThat(dropped).singleElement().asString().startsWith("watchkeeper.bench_");
            assertThat(fleet.value("ship", LEFTOVERS + " and c.relkind = 'r'")).isEqualTo("1");
        }
        bench(Fleet.WORK).measure(plan(1, 1_000L), told::add);
        assertThat(told).anyMatch(words -> words.contains("left by a run that died"));
        assertNothingLeft();
    }

    @Test
    void twoMeasurementsIntoOneTableAreRefused() throws Exception {
        try (Session living = fleet.ship().open(Fleet.WORK)) {
            BenchTable.like(living, DOCUMENTS).make(living);

            assertThatThrownBy(() -> bench(Fleet.WORK).measure(plan(1, 1_000L), told::add))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("another process measures copies");
            assertThat(fleet.value("ship", LEFTOVERS + " and c.relkind = 'r'"))
                    .as("the other's")
                    .isEqualTo("1");
        }
    }

    @Test
    void refusesAnEmptyTableAndOneThatIsMissing() {
        fleet.both("create table nothing (id int primary key)");

        assertThatThrownBy(() -> bench(Fleet.WORK)
                        .measure(new WorkerBench.Plan(new TableName("public", "nothing"), 2, null), told::add))
                .hasMessageContaining("public.nothing in database 'shore' is empty");
        assertThatThrownBy(() -> bench(Fleet.WORK)
                        .measure(new WorkerBench.Plan(new TableName("public", "document"), 2, null), told::add))
                .hasMessageContaining("there is no table public.document");
        assertNothingLeft();
    }

    @Test
    void refusesAStandbyAsTarget() {
        LocalServer primary = TestServers.own(Map.of());
        LocalServer standby = StandbyServers.of(primary);
        try (DatabasePools pools = new DatabasePools(
                List.of(fleet.login("shore"), TestServers.settings("standby", standby, "postgres")))) {
            Database target = pools.database("standby");

            assertThatThrownBy(
                            () -> new WorkerBench(fleet.shore(), target, Fleet.WORK).measure(plan(2, null), told::add))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("'standby' is a standby and takes no writes");
        } finally {
            standby.delete();
            primary.delete();
        }
    }

    @Test
    void measuresNoMoreThanConnectionsAllow() throws Exception {
        DatabaseSettings few = few(fleet.login("ship"));
        try (DatabasePools pools = new DatabasePools(List.of(few))) {
            WorkerBenchResult result = new WorkerBench(fleet.shore(), pools.database("ship"), Fleet.WORK)
                    .measure(plan(6, 2_000L), told::add);

            assertThat(result.size()).isEqualTo(2);
            assertThat(String.valueOf(result.fields().get("notes"))).contains("up to 2 workers");
        }
    }

    private static DatabaseSettings few(DatabaseSettings s) {
        return new DatabaseSettings(s.name(), s.url(), s.user(), s.password(), 3, null, true);
    }

    @Test
    void describesWithoutChangingAnything() throws SQLException {
        List<PlannedAction> actions = bench(Fleet.WORK).describe(plan(3, null));

        assertThat(actions)
                .extracting(PlannedAction::sql)
                .anyMatch(sql -> sql.startsWith("CREATE TABLE watchkeeper.bench_"))
                .anyMatch(sql -> sql.startsWith("COPY (SELECT") && sql.contains("public.documents"))
                .anyMatch(sql -> sql.startsWith("DROP TABLE IF EXISTS watchkeeper.bench_"));
        assertThat(actions).noneMatch(a -> a.sql().contains("TRUNCATE ONLY public.documents"));
        assertThat(fleet.value("ship", "select to_regnamespace('watchkeeper') is null"))
                .isEqualTo("t");
    }

    private WorkerBench bench(Work work) {
        return new WorkerBench(fleet.shore(), fleet.ship(), work);
    }

    private static WorkerBench.Plan plan(int most, @Nullable Long rows) {
        return new WorkerBench.Plan(DOCUMENTS, most, rows);
    }

    /** Neither a table nor a record of one, and the user's rows are as they were. */
    private void assertNothingLeft() {
        assertThat(fleet.value("ship", LEFTOVERS)).isEqualTo("0");
        if (fleet.value("ship", "select to_regclass('watchkeeper.bench_tables') is not null")
                .equals("t")) {
            assertThat(fleet.value("ship", "select count(*) from watchkeeper.bench_tables"))
                    .isEqualTo("0");
        }
        if (fleet.value("ship", "select to_regclass('watchkeeper.copies') is not null")
                .equals("t")) {
            assertThat(fleet.value("ship", "select count(*) from watchkeeper.copies"))
                    .isEqualTo("0");
            assertThat(fleet.value("ship", "select count(*) from watchkeeper.copy_chunks"))
                    .isEqualTo("0");
        }
        assertThat(fleet.rows("ship", "select title from documents")).containsExactly("of the ship");
    }
}
