package io.watchkeeper.engine;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one attempt of a step, or a hook, may use. */
final class RunContext implements StepContext {

    private final ActiveRun run;
    private final StepRecord step;
    private final RunWork work;
    private final DatabasePools databases;
    private final @Nullable RunError error;

    /** @param error inside onFailure, why the run failed */
    RunContext(ActiveRun run, StepRecord step, RunWork work, DatabasePools databases, @Nullable RunError error) {
        this.run = run;
        this.step = step;
        this.work = work;
        this.databases = databases;
        this.error = error;
    }

    @Override
    public String runId() {
        return run.id();
    }

    @Override
    public String runbook() {
        return run.runbook().name();
    }

    @Override
    public Requester by() {
        return run.by();
    }

    @Override
    public boolean dryRun() {
        return run.dryRun();
    }

    @Override
    public Map<String, String> params() {
        return run.params();
    }

    @Override
    public Work work() {
        return work;
    }

    @Override
    public Database database(String name) {
        return databases.database(name);
    }

    @Override
    public Collection<Database> databases() {
        return databases.all();
    }

    @Override
    public void record(VerbResult result) {
        work.flushProgress();
        run.verbFinished(step, result);
    }

    @Override
    public void plan(String verb, String subject, List<PlannedAction> actions) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("subject", subject);
        fields.put("dryRun", true);
        fields.put("plan", actions.stream().map(PlannedAction::fields).toList());
        record(new VerbResult(verb, fields));
        if (verb.equals("execute")) {
            run.statementsDescribed(subject);
        }
    }

    @Override
    public boolean describedStatementsOn(String database) {
        return run.hasDescribedStatements(database);
    }

    @Override
    public Path reports() {
        return run.reports();
    }

    @Override
    public <T> T shared(Class<T> type, Supplier<T> first) {
        return run.shared(type, first);
    }

    @Override
    public <T, E extends Exception> T heavily(HeavyWork heavy, HeavyWork.Doing<T, E> doing) throws E {
        return run.heavily(work.signal(), heavy, doing);
    }

    @Override
    public void info(String message) {
        run.log(LogLine.Level.INFO, message);
    }

    @Override
    public void warn(String message) {
        run.log(LogLine.Level.WARN, message);
    }

    @Override
    public Optional<RunError> error() {
        return Optional.ofNullable(error);
    }
}
