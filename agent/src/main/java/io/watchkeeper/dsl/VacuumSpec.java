package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.maintenance.VacuumHow;
import io.watchkeeper.toolkit.maintenance.VacuumPlan;
import io.watchkeeper.toolkit.maintenance.VacuumWhen;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code vacuum('ship', 'public.documents') { … }} */
@Block(
        name = "vacuum",
        value = "Which tables are vacuumed and how; of several limits one that is reached is enough.",
        words = {
            "whenDeadTuples",
            "whenAge",
            "whenMultixactAge",
            "budget",
            "until",
            "window",
            "zone",
            "costLimit",
            "parallel",
            "freeze",
            "analyze",
            "skipLocked",
            "lockTimeout",
            "full",
            "lockedAtMost"
        })
public final class VacuumSpec extends TimeFrameWords {

    private static final int LARGEST_COST_LIMIT = 10_000;
    private static final int MOST_WORKERS = 1_024;

    private boolean full;
    private Duration lockedAtMost = VacuumHow.LOCKED_AT_MOST;
    private boolean freeze;
    private boolean analyze;
    private @Nullable Ratio whenDeadTuples;
    private @Nullable Long whenAge;
    private @Nullable Long whenMultixactAge;
    private @Nullable Integer parallel;
    private @Nullable Integer costLimit;
    private boolean skipLocked;
    private Duration lockTimeout = Session.DEFAULT_LOCK_TIMEOUT;

    VacuumSpec(TextChecks texts) {
        super(texts);
    }

    @Word(
            value =
                    "Rewrites each table and gives its free space back. Nobody can read or write the table meanwhile. Refused where the"
                            + " disk has no room for a second one; a dry run says how much that is.",
            example = "full true",
            byDefault = "false")
    public void full(boolean yes) {
        full = yes;
    }

    @Word(
            value = "For `full`: a table that would be locked for longer is left as it was.",
            example = "lockedAtMost 1.minute",
            byDefault = "5.minutes")
    public void lockedAtMost(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new OperatorException("'lockedAtMost' leaves no time", "give a time, as 5.minutes.");
        }
        lockedAtMost = limit;
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
            value = "Only tables in which, or in whose TOAST table, at least this share of the rows is dead.",
            example = "whenDeadTuples 10.percent",
            byDefault = "every table named")
    public void whenDeadTuples(Ratio share) {
        whenDeadTuples = share;
    }

    @Word(
            value =
                    "Only tables with rows that many transactions old and not frozen. These are read whole but for what is frozen"
                            + " already, the oldest first and before all others.",
            example = "whenAge 150_000_000",
            byDefault = "every table named")
    public void whenAge(long transactions) {
        whenAge = positive("whenAge", transactions);
    }

    @Word(
            value = "The same for multixacts, the numbers of rows that several transactions have locked.",
            example = "whenMultixactAge 150_000_000",
            byDefault = "every table named")
    public void whenMultixactAge(long multixacts) {
        whenMultixactAge = positive("whenMultixactAge", multixacts);
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
            value = "Leaves out tables that are in use, says by whom, and does not fail.",
            example = "skipLocked true",
            byDefault = "false")
    public void skipLocked(boolean yes) {
        skipLocked = yes;
    }

    @Word(
            value =
                    "How long to wait for a table that is in use. With `full` it is asked for a second at a time, so that others do not"
                            + " queue up behind it.",
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

    private static long positive(String word, long value) {
        if (value < 1) {
            throw new OperatorException(
                    "'" + word + "' takes a number of transactions, not " + value, "as " + word + " 150_000_000");
        }
        return value;
    }

    VacuumPlan plan(List<String> tables) {
        return new VacuumPlan(
                tables,
                new VacuumHow(full, lockedAtMost, freeze, analyze, parallel, costLimit, skipLocked, lockTimeout),
                new VacuumWhen(whenDeadTuples, whenAge, whenMultixactAge),
                timeFrame());
    }
}
