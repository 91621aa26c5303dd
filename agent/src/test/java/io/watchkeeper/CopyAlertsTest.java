package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.alert.AlertDispatcher;
import io.watchkeeper.alert.AlertNotice;
import io.watchkeeper.alert.AlertReceiver;
import io.watchkeeper.alert.AlertResolver;
import io.watchkeeper.alert.MemoryLedger;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.dsl.RunbookLoader;
import io.watchkeeper.dsl.Toolbox;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.schedule.QuartzCron;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies with {@code alertWhen}, from the runbook file to whoever is told. */
class CopyAlertsTest {

    @TempDir
    Path folder;

    private final Clock clock = Clock.systemUTC();
    private final Notices told = new Notices();
    private final AlertDispatcher alerts =
            new AlertDispatcher(List.of(told), new MemoryLedger(), Duration.ofHours(4), clock);
    private final String shoreDatabase = TestServers.freshDatabase(TestServers.shore());
    private final String shipDatabase = TestServers.freshDatabase(TestServers.ship());
    private final FlakyLink link = FlakyLink.to(TestServers.ship());
    private DatabasePools pools;
    private RunbookRunner runner;

    @BeforeEach
    void open() {
        pools = new DatabasePools(List.of(
                TestServers.settings("shore", TestServers.shore(), shoreDatabase),
                TestServers.settings("ship", TestServers.ship(), shipDatabase),
                new DatabaseSettings("distant", link.url(shipDatabase), "postgres", null, 8, null, false)));
        runner = new RunbookRunner(
                "ship-7", folder, pools, name -> Optional.empty(), List.of(new AlertResolver(alerts)), clock);
        onBoth("create table t (id int primary key, filler text)");
        TestServers.execute(
                TestServers.shore(),
                shoreDatabase,
                "insert into t select i, repeat('x', 1000) from generate_series(1, 3000) i; analyze t");
    }

    @AfterEach
    void close() {
        link.close();
        runner.close();
        pools.close();
    }

    @Test
    void itIsOverWhenTheNextRunKeepsToTheLimits() throws IOException {
        Runbook runbook = copy("ship", "alertWhen('warning') { moreThan 2_000 }");
        assertThat(run(runbook).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(told.notices).singleElement().satisfies(notice -> {
            assertThat(notice.firing()).isTrue();
            assertThat(notice.alert().text()).contains("has moved 3,000 rows, more than 2,000 rows");
        });

        assertThat(run(runbook).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(told.notices).as("it still fires, and is not said again").hasSize(1);

        TestServers.execute(TestServers.shore(), shoreDatabase, "delete from t where id > 100");
        assertThat(run(runbook).state()).isEqualTo(RunState.SUCCEEDED);

        assertThat(told.notices).hasSize(2);
        assertThat(told.notices.get(1).firing()).isFalse();
        assertThat(told.notices.get(1).alert().key())
                .isEqualTo(told.notices.get(0).alert().key());
    }

    @Test
    void aCopyThatWaitsForALockIsToldOfWhileItWaits() throws Exception {
        Runbook runbook = copy("ship", "alertWhen('page') { longerThan 1.second }");
        CompletableFuture<RunOutcome> run;
        try (Connection other = TestServers.connect(TestServers.ship(), shipDatabase);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table t in share mode");
            run = CompletableFuture.supplyAsync(() -> run(runbook));
            await().until(() -> !told.notices.isEmpty());
            assertThat(run).isNotDone();
        }
        assertThat(run.get().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(told.notices.get(0).alert().text()).contains("copying public.t has taken", "longer than 1.0 s");
    }

    @Test
    void aCopyWhoseLinkIsDeadIsToldOfWhileNothingMoves() throws Exception {
        Runbook runbook = copy("distant", "rateLimit 500.kilobytes\nalertWhen('page') { longerThan load, 2.seconds }");
        CompletableFuture<RunOutcome> run = CompletableFuture.supplyAsync(() -> run(runbook));
        await().until(() -> copiesUnderWay() > 0);
        link.freeze();

        await().until(() -> !told.notices.isEmpty());
        assertThat(run).isNotDone();
        assertThat(told.notices.get(0).alert().text()).contains("load of public.t has taken", "longer than 2.0 s");

        link.close();
        assertThat(run.get().state()).isEqualTo(RunState.FAILED);
        assertThat(told.notices).as("a run that failed resolves nothing").allMatch(AlertNotice::firing);
    }

    @Test
    void aDryRunTellsNobody() throws IOException {
        Runbook runbook = copy("ship", "alertWhen('warning') { moreThan 1; slowerThan 1_000_000_000 }");
        RunOutcome outcome = runner.run(new RunRequest(runbook, RunTrigger.CLI, Map.of(), true));

        assertThat(outcome.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(told.notices).isEmpty();
    }

    @Test
    void itsWordsAreCheckedBeforeAnythingRuns() throws IOException {
        LoadResult loaded = load("ship", "alertWhen('warning') { longerTan 1.second }");

        assertThat(loaded.runbooks()).isEmpty();
        assertThat(loaded.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.message()).contains("'longerTan'", "'alertWhen'");
            assertThat(problem.hint()).contains("did you mean 'longerThan'?");
        });
    }

    private int copiesUnderWay() throws Exception {
        try (Connection other = TestServers.connect(TestServers.ship(), shipDatabase);
                Statement statement = other.createStatement();
                var rows = statement.executeQuery("select count(*) from pg_stat_progress_copy"
                        + " where datname = current_database() and tuples_processed > 0")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private Runbook copy(String target, String options) throws IOException {
        LoadResult loaded = load(target, options);
        assertThat(loaded.problems()).isEmpty();
        return loaded.runbooks().get(0);
    }

    private LoadResult load(String target, String options) throws IOException {
        Path file = folder.resolve("watched.groovy");
        Files.writeString(file, """
                runbook('watched') {
                    step('copy') {
                        copyTable('public.t') {
                            from 'shore'
                            to '%s'
                            %s
                        }
                    }
                }
                """.formatted(target, options));
        return new RunbookLoader(
                        "ship",
                        List.of("shore", "ship", "distant"),
                        new Toolbox(
                                "ship-7", clock, alerts, new QuartzCron()::problemOf, null, BackupSettings.none(clock)))
                .load(List.of(file));
    }

    private RunOutcome run(Runbook runbook) {
        return runner.run(new RunRequest(runbook, RunTrigger.CLI, Map.of(), false));
    }

    private void onBoth(String sql) {
        TestServers.execute(TestServers.shore(), shoreDatabase, sql);
        TestServers.execute(TestServers.ship(), shipDatabase, sql);
    }

    /** Somebody who is told. */
    private static final class Notices implements AlertReceiver {
        private final List<AlertNotice> notices = new CopyOnWriteArrayList<>();

        @Override
        public String name() {
            return "notices";
        }

        @Override
        public void tell(AlertNotice notice) {
            notices.add(notice);
        }
    }
}
