package io.watchkeeper.runbook;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Work;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What a running step may use. Lives as long as one attempt of one step. */
public interface StepContext {

    String runId();

    String runbook();

    /** Who asked for the run. */
    Requester by();

    /** True when verbs must describe through {@link #plan} instead of doing. */
    boolean dryRun();

    /** The run's parameters, defaults filled in. */
    Map<String, String> params();

    /** The run as servers see it: its name, its deadline, its cancellation, its progress. */
    Work work();

    /** @throws io.watchkeeper.problem.OperatorException when the configuration has no such database */
    Database database(String name);

    /** All configured ones. */
    Collection<Database> databases();

    /** Adds a verb's result to the run document. */
    void record(VerbResult result);

    /** Adds what a verb would do to the run document of a dry run. */
    void plan(String verb, String subject, List<PlannedAction> actions);

    /** In a dry run: whether an earlier {@code execute} of this run was described that would have changed the database. */
    boolean describedStatementsOn(String database);

    /** The folder for what this run writes down for people beside its document; made by this call. It goes with the run's history. */
    Path reports();

    /** One object for all verbs of the run, of all its steps, as the findings that one report tells of. @param first makes it */
    <T> T shared(Class<T> type, Supplier<T> first);

    /**
     * Does heavy work once this host has a place for it; see docs/heavy-work.md. A run has one place for all it does at once: what is
     * asked for inside of it, or beside it in the same run, goes on without waiting. A dry run needs none.
     *
     * @throws io.watchkeeper.postgres.WorkCancelledException when the run is told to stop while it waits
     */
    default <T, E extends Exception> T heavily(HeavyWork work, HeavyWork.Doing<T, E> doing) throws E {
        return doing.get();
    }

    void info(String message);

    void warn(String message);

    /** Inside onFailure: why the run failed. */
    Optional<RunError> error();
}
