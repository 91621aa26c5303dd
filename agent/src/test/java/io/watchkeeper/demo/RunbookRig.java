package io.watchkeeper.demo;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.Alerts;
import io.watchkeeper.checklist.ChecklistReports;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.dsl.RunbookLoader;
import io.watchkeeper.dsl.Toolbox;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.engine.RunReports;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.schedule.QuartzCron;
import io.watchkeeper.testing.ServerFingerprint;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A small demo fleet with the language and the engine on top, to run runbook files as the agent would. */
final class RunbookRig implements AutoCloseable {

    static final Path SHIPPED = Path.of("..", "runbooks");

    /** What the log of all runs says, and which alerts they raised; oldest first. */
    final List<String> log = new CopyOnWriteArrayList<>();

    final List<Alert> alerts = new CopyOnWriteArrayList<>();
    final DemoFleet fleet;
    final DatabasePools pools;

    private final Map<Path, List<Runbook>> loaded = new ConcurrentHashMap<>();
    private final Map<String, RunState> lastEnds = new ConcurrentHashMap<>();
    private final RunbookRunner runner;

    RunbookRig() {
        fleet = DemoFleet.start(
                Path.of(System.getProperty("java.io.tmpdir")),
                Optional.of(TestServers.binaries()),
                SHIPPED,
                DemoData.Size.THOUSAND);
        pools = new DatabasePools(fleet.databases());
        runner = new RunbookRunner(
                "demo",
                fleet.folder().resolve("state"),
                pools,
                this::lastEnd,
                List.of(
                        new Notes(),
                        new ChecklistReports(
                                fleet.folder().resolve("state"),
                                Measurements.none(),
                                Clock.systemUTC(),
                                written -> {})),
                Clock.systemUTC());
    }

    private Optional<RunState> lastEnd(String runbook) {
        return Optional.ofNullable(lastEnds.get(runbook));
    }

    /**
     * Loads a file or folder as hosts of both roles do, once: what is loaded is unchangeable, and compiling it takes longer than most runs.
     *
     * @return what they load together, by name
     */
    List<Runbook> load(Path fileOrFolder) {
        return loaded.computeIfAbsent(fileOrFolder, this::loadNow);
    }

    private List<Runbook> loadNow(Path fileOrFolder) {
        Map<String, Runbook> runbooks = new TreeMap<>();
        for (String role : List.of("primary", "ship")) {
            LoadResult loaded = loader(role).load(List.of(fileOrFolder));
            if (!loaded.problems().isEmpty()) {
                throw new IllegalStateException(loaded.problems().toString());
            }
            loaded.runbooks().forEach(runbook -> runbooks.put(runbook.name(), runbook));
        }
        return List.copyOf(runbooks.values());
    }

    private RunbookLoader loader(String role) {
        List<String> names =
                fleet.databases().stream().map(DatabaseSettings::name).toList();
        return new RunbookLoader(
                role,
                names,
                new Toolbox("demo", Clock.systemUTC(), new AlertNotes(), new QuartzCron()::problemOf, null, backups()));
    }

    /** The demo's own repository, which is empty at first. */
    BackupSettings backups() {
        return new BackupSettings(
                fleet.repository(), null, fleet.folder().resolve("state"), null, "demo", Clock.systemUTC());
    }

    RunOutcome run(Runbook runbook, Map<String, String> params) {
        return runner.run(new RunRequest(runbook, RunTrigger.CLI, params, false));
    }

    RunOutcome dryRun(Runbook runbook, Map<String, String> params) {
        return runner.run(new RunRequest(runbook, RunTrigger.CLI, params, true));
    }

    /** The report that a checklist has left, as Markdown. */
    String report(RunOutcome outcome) {
        return RunReports.read(fleet.folder().resolve("state"), outcome.runId(), "report.md")
                .orElseThrow();
    }

    /** Does on one of the servers what the agent's role may not. */
    void asSuperuser(String database, String sql) {
        DatabaseSettings settings = fleet.databases().stream()
                .filter(d -> d.name().equals(database))
                .findFirst()
                .orElseThrow();
        try (Connection connection = DriverManager.getConnection(
                        settings.url(),
                        "postgres",
                        Objects.requireNonNull(settings.password()).reveal());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Both servers, shore first. */
    List<ServerFingerprint> fingerprints() {
        return fleet.databases().stream().map(ServerFingerprint::of).toList();
    }

    /** What is different on either server. */
    static List<String> changes(List<ServerFingerprint> before, List<ServerFingerprint> after) {
        List<String> changes = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            changes.addAll(after.get(i).changesSince(before.get(i)));
        }
        return changes;
    }

    /** The Groovy files of a folder, by name. */
    static Stream<Path> filesOf(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".groovy")).sorted().toList().stream();
        }
    }

    @Override
    public void close() {
        runner.close();
        pools.close();
        fleet.close();
    }

    private final class AlertNotes implements Alerts {
        @Override
        public boolean fire(Alert alert) {
            alerts.add(alert);
            return true;
        }

        @Override
        public int resolve(String runbook) {
            return 0;
        }
    }

    private final class Notes implements RunListener {
        @Override
        public void logged(String runId, LogLine line) {
            log.add(line.message());
        }

        @Override
        public void runFinished(RunOutcome outcome) {
            if (!outcome.dryRun()) {
                lastEnds.put(outcome.runbook(), outcome.state());
            }
        }
    }
}
