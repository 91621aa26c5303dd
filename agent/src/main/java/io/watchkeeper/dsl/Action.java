package io.watchkeeper.dsl;

import io.watchkeeper.measures.Measurements;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.MissingTableException;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.StepContext;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/**
 * What the words of a running step or hook work with.
 *
 * @param folder of the runbook's file, where relative paths begin
 * @param verdicts of the step's reviews
 */
record Action(StepContext context, Toolbox toolbox, TextChecks texts, Path folder, Verdicts verdicts) {

    Action(StepContext context, Toolbox toolbox, TextChecks texts, Path folder) {
        this(context, toolbox, texts, folder, new Verdicts());
    }

    boolean dryRun() {
        return context.dryRun();
    }

    /** What was measured before; a dry run keeps nothing of what it measures. */
    Measurements measurements() {
        return dryRun() ? toolbox.measurements().readOnly() : toolbox.measurements();
    }

    /**
     * Adds what a verb would do to a dry run. A table that is missing is an error there too, unless an earlier statement of the
     * run, itself only described, may be the one that makes it.
     */
    void plan(String verb, String subject, Description description) throws SQLException {
        List<PlannedAction> actions;
        try {
            actions = description.actions();
        } catch (MissingTableException e) {
            if (!context.describedStatementsOn(e.database())) {
                throw e;
            }
            actions = List.of(new PlannedAction(
                    e.database(),
                    "-- cannot be described now: " + e.getMessage(),
                    LockLevel.NONE,
                    -1,
                    -1,
                    "a statement above may make it"));
        }
        context.plan(verb, subject, actions);
    }

    /** Asks the servers what a verb would do. */
    @FunctionalInterface
    interface Description {
        List<PlannedAction> actions() throws SQLException;
    }

    /** Does heavy work of one database or between two once this host has a place for it. */
    <T, E extends Exception> T heavily(HeavyWork work, HeavyWork.Doing<T, E> doing) throws E {
        return context.heavily(work, doing);
    }

    Database database(String name) {
        return context.database(texts.require(TextKind.DATABASE, name));
    }
}
