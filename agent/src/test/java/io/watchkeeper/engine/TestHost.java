package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A host with a runner and a fresh database {@code shore} on a real server; looks for what was left behind when it closes. */
final class TestHost implements AutoCloseable {

    final Path state;
    final RecordedEvents events = new RecordedEvents();
    final DatabaseSettings shore;
    final DatabasePools databases;
    final RunbookRunner runner;

    TestHost(Path state, RunListener... more) {
        this(
                state,
                TestServers.settings("shore", TestServers.shore(), TestServers.freshDatabase(TestServers.shore())),
                more);
    }

    TestHost(Path state, DatabaseSettings shore, RunListener... more) {
        this(state, shore, Clock.systemUTC(), more);
    }

    TestHost(Path state, DatabaseSettings shore, Clock clock, RunListener... more) {
        this(state, shore, HeavyLimits.usual(), clock, more);
    }

    /** With limits of its own for heavy work. */
    TestHost(Path state, HeavyLimits limits) {
        this(
                state,
                TestServers.settings("shore", TestServers.shore(), TestServers.freshDatabase(TestServers.shore())),
                limits,
                Clock.systemUTC());
    }

    private TestHost(Path state, DatabaseSettings shore, HeavyLimits limits, Clock clock, RunListener... more) {
        this.state = state;
        this.shore = shore;
        this.databases = new DatabasePools(List.of(shore));
        List<RunListener> listeners = new ArrayList<>(List.of(more));
        listeners.add(0, events);
        this.runner = new RunbookRunner("shore-1", state, databases, events, listeners, limits, clock);
    }

    RunHandle start(TestRunbook runbook) {
        return runner.start(request(runbook));
    }

    RunOutcome run(TestRunbook runbook) {
        return runner.run(request(runbook));
    }

    RunOutcome dryRun(TestRunbook runbook) {
        return runner.run(new RunRequest(runbook.build(), RunTrigger.CLI, Map.of(), true));
    }

    static RunRequest request(TestRunbook runbook) {
        return new RunRequest(runbook.build(), RunTrigger.CLI, Map.of(), false);
    }

    static RunOutcome end(RunHandle handle) {
        return handle.outcome()
                .orTimeout(60, java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    /** Why the run did not succeed; fails when it says nothing. */
    static RunError error(RunOutcome run) {
        return Objects.requireNonNull(run.error(), () -> "no error in " + run);
    }

    /** The first column of a query's rows, as seen from outside the agent. */
    List<String> query(String sql, Object... params) {
        try (Connection connection = TestServers.connect(shore);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < params.length; i++) {
                statement.setObject(i + 1, params[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<String> values = new ArrayList<>();
                while (rows.next()) {
                    values.add(rows.getString(1));
                }
                return values;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    void execute(String sql) {
        try (Connection connection = TestServers.connect(shore);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The statements that runs have going on the server. */
    List<String> activeStatements() {
        return query("""
                select query from pg_stat_activity
                where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()
                  and application_name like 'watchkeeper %'""");
    }

    void awaitStatement(String part) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> activeStatements().stream().anyMatch(sql -> sql.contains(part)));
    }

    void awaitNoStatements() {
        await().atMost(Duration.ofSeconds(10)).until(() -> activeStatements().isEmpty());
    }

    void awaitLog(String part) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> events.logTexts().stream().anyMatch(text -> text.contains(part)));
    }

    /** Nothing of any run is left: no thread, no open session, no lock, no file. */
    void assertNothingLeft() {
        assertThat(runner.running()).isEmpty();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> events.finished.stream().anyMatch(run -> name.contains(run.runId())));
            assertThat(query("""
                    select application_name || ': ' || query from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid() and application_name ~ '^watchkeeper .'""")).isEmpty();
        });
        StateFolder folder = new StateFolder(state);
        assertThat(folder.runs()).isEmptyDirectory();
        assertThat(folder.cancelRequests()).isEmptyDirectory();
    }

    @Override
    public void close() {
        runner.close();
        databases.close();
    }
}
