package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A step's context that keeps what the step did. */
final class RecordingContext implements StepContext {

    final List<String> log = new ArrayList<>();
    final List<VerbResult> results = new ArrayList<>();
    final List<String> plans = new ArrayList<>();
    final List<String> notes = new ArrayList<>();
    final Map<String, String> params = new HashMap<>();
    final Map<String, Database> databases = new HashMap<>();
    Work work = Work.unattended("test");
    Optional<RunError> error = Optional.empty();

    @Nullable
    Path reports;

    private final Map<Class<?>, Object> shared = new HashMap<>();
    private final boolean dryRun;

    RecordingContext(boolean dryRun) {
        this.dryRun = dryRun;
    }

    @Override
    public String runId() {
        return "01JD8";
    }

    @Override
    public String runbook() {
        return "test";
    }

    @Override
    public Requester by() {
        return Requester.user();
    }

    @Override
    public boolean dryRun() {
        return dryRun;
    }

    @Override
    public Map<String, String> params() {
        return params;
    }

    @Override
    public Work work() {
        return work;
    }

    @Override
    public Database database(String name) {
        Database database = databases.get(name);
        if (database == null) {
            throw new OperatorException("this test has no database '" + name + "'", null);
        }
        return database;
    }

    @Override
    public Collection<Database> databases() {
        return databases.values();
    }

    @Override
    public void record(VerbResult result) {
        results.add(result);
    }

    @Override
    public void plan(String verb, String subject, List<PlannedAction> actions) {
        plans.add(verb + " " + subject);
        actions.forEach(action -> notes.add(action.note()));
    }

    @Override
    public boolean describedStatementsOn(String database) {
        return plans.contains("execute " + database);
    }

    @Override
    public Path reports() {
        try {
            if (reports == null) {
                reports = Files.createTempDirectory("watchkeeper-reports");
            }
            return reports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public <T> T shared(Class<T> type, Supplier<T> first) {
        return type.cast(shared.computeIfAbsent(type, any -> first.get()));
    }

    @Override
    public void info(String message) {
        log.add("info " + message);
    }

    @Override
    public void warn(String message) {
        log.add("warn " + message);
    }

    @Override
    public Optional<RunError> error() {
        return error;
    }
}
