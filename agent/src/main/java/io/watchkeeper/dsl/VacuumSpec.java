package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.maintenance.VacuumPlan;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code vacuum('ship', 'public.documents') { … }} */
@Block(
        name = "vacuum",
        value = "How tables are vacuumed.",
        words = {"full", "freeze", "analyze", "whenDeadTuples", "parallel", "costLimit", "lockTimeout"})
public final class VacuumSpec {

    private static final int LARGEST_COST_LIMIT = 10_000;
    private static final int MOST_WORKERS = 1_024;

    private boolean full;
    private boolean freeze;
    private boolean analyze;
    private @Nullable Ratio whenDeadTuples;
    private @Nullable Integer parallel;
    private @Nullable Integer costLimit;
    private Duration lockTimeout = Session.DEFAULT_LOCK_TIMEOUT;

    VacuumSpec() {}

    @Word(
            value = "Rewrites each table and gives its free space back. Nobody can read or write the table meanwhile.",
            example = "full true",
            byDefault = "false")
    public void full(boolean yes) {
        full = yes;
    }

    @Word(value = "Marks all old rows as frozen.", example = "freeze true", byDefault = "false")
    public void freeze(boolean yes) {
        freeze = yes;
    }

    @Word(value = "Renews the planner's statistics, too.", example = "analyze true", byDefault = "false")
    public void analyze(boolean yes) {
        analyze = yes;
    }

    @Word(
            value = "Only tables in which at least this share of the rows is dead.",
            example = "whenDeadTuples 10.percent",
            byDefault = "every table named")
    public void whenDeadTuples(Ratio share) {
        whenDeadTuples = share;
    }

    @Word(value = "Workers for the indexes of one table.", example = "parallel 2", byDefault = "the server's choice")
    public void parallel(int workers) {
        parallel = within("parallel", workers, 0, MOST_WORKERS);
    }

    @Word(
            value = "How much work is done between two pauses (`vacuum_cost_limit`, 1 to 10000), for this vacuum only.",
            example = "costLimit 500",
            byDefault = "no pauses")
    public void costLimit(int limit) {
        costLimit = within("costLimit", limit, 1, LARGEST_COST_LIMIT);
    }

    @Word(
            value = "How long to wait for a table that is in use.",
            example = "lockTimeout 10.seconds",
            byDefault = "5.seconds")
    public void lockTimeout(Duration limit) {
        lockTimeout = limit;
    }

    private static int within(String word, int value, int least, int most) {
        if (value < least || value > most) {
            throw new OperatorException("'" + word + "' takes " + least + " to " + most + ", not " + value, null);
        }
        return value;
    }

    VacuumPlan plan(List<String> tables) {
        return new VacuumPlan(tables, full, freeze, analyze, whenDeadTuples, parallel, costLimit, lockTimeout);
    }
}
