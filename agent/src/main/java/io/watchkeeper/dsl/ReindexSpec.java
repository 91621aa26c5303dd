package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.index.BloatReader;
import io.watchkeeper.toolkit.index.ReindexPlan;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code reindex('shore', 'public.*') { … }} */
@Block(
        name = "reindex",
        value = "Which indexes are built anew, and how.",
        words = {
            "whenBloat",
            "leastBytes",
            "concurrently",
            "method",
            "amcheck",
            "lockTimeout",
            "waitFor",
            "attempts",
            "budget",
            "parallel"
        })
public final class ReindexSpec {

    private static final int MOST_ATTEMPTS = 20;
    private static final int MOST_WORKERS = 64;

    private @Nullable Ratio whenBloat;
    private @Nullable Bytes least;
    private boolean concurrently = true;
    private ReindexPlan.@Nullable Method method;
    private boolean amcheck;
    private Duration lockTimeout = ReindexPlan.LOCK_TIMEOUT;
    private Duration waitFor = ReindexPlan.WAIT_FOR;
    private int attempts = ReindexPlan.ATTEMPTS;
    private @Nullable Duration budget;
    private int parallel;

    ReindexSpec() {}

    @Word(
            value =
                    "Only B-tree indexes of which at least this share is empty: by pgstattuple where it is installed, else as statistics"
                            + " estimate.",
            example = "whenBloat 30.percent",
            byDefault = "every index of the tables")
    public void whenBloat(Ratio share) {
        whenBloat = share;
    }

    @Word(
            value = "Smaller indexes are left alone.",
            example = "leastBytes 10.megabytes",
            byDefault = "1.megabyte with `whenBloat`, else every index")
    public void leastBytes(Bytes bytes) {
        least = bytes;
    }

    @Word(
            value =
                    "Builds beside the old index, so that reads and writes go on. `false` builds in place: writers of the table wait until"
                            + " it is built.",
            example = "concurrently true",
            byDefault = "true")
    public void concurrently(boolean yes) {
        concurrently = yes;
    }

    @Word(
            value =
                    "How it is done, where that is not by `REINDEX`. `whenBloat` and `leastBytes` are about the tables then.",
            example = "method repack",
            byDefault = "REINDEX")
    public void method(ReindexPlan.Method how) {
        method = how;
    }

    @Choice(
            of = "method",
            value =
                    "The program pg_repack, on this host, writes the whole table anew with its indexes: for tables that are bloated"
                            + " themselves. It needs the extension of the same version in the database. Sessions in its way are waited"
                            + " for and never ended.")
    public ReindexPlan.Method getRepack() {
        return ReindexPlan.Method.REPACK;
    }

    @Word(
            value =
                    "PostgreSQL's extension amcheck looks through each B-tree before, which reads the tables, too: one that is not sound is"
                            + " built anew however little of it is empty. What was built is looked through again.",
            example = "amcheck true",
            byDefault = "false")
    public void amcheck(boolean yes) {
        amcheck = yes;
    }

    @Word(
            value = "How long one attempt waits for a table that is in use.",
            example = "lockTimeout 1.second",
            byDefault = "1.second")
    public void lockTimeout(Duration limit) {
        lockTimeout = positive("lockTimeout", limit);
    }

    @Word(
            value =
                    "How long a rebuild waits for transactions that are older than it. Nobody waits for the rebuild meanwhile.",
            example = "waitFor 10.minutes",
            byDefault = "10.minutes")
    public void waitFor(Duration limit) {
        waitFor = positive("waitFor", limit);
    }

    @Word(
            value = "How often an index is tried, when a deadlock or a timeout ends an attempt.",
            example = "attempts 3",
            byDefault = "3")
    public void attempts(int number) {
        if (number < 1 || number > MOST_ATTEMPTS) {
            throw new OperatorException("'attempts' takes 1 to " + MOST_ATTEMPTS + ", not " + number, null);
        }
        attempts = number;
    }

    @Word(
            value = "When it is over, no other index is begun; the worst come first.",
            example = "budget 30.minutes",
            byDefault = "the policy's timeout")
    public void budget(Duration limit) {
        budget = positive("budget", limit);
    }

    @Word(
            value = "How many more processes of the server build one index. They take processors from users.",
            example = "parallel 2",
            byDefault = "0")
    public void parallel(int workers) {
        if (workers < 0 || workers > MOST_WORKERS) {
            throw new OperatorException("'parallel' takes 0 to " + MOST_WORKERS + ", not " + workers, null);
        }
        parallel = workers;
    }

    private static Duration positive(String word, Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new OperatorException("'" + word + "' takes a time, and this is none", "give a time, as 5.minutes.");
        }
        return limit;
    }

    ReindexPlan plan(List<String> tables) {
        Bytes from = least != null ? least : whenBloat != null ? BloatReader.LEAST : Bytes.of(0);
        ReindexPlan.Method how = concurrently ? ReindexPlan.Method.CONCURRENTLY : ReindexPlan.Method.IN_PLACE;
        return new ReindexPlan(
                tables,
                whenBloat,
                from,
                method == null ? how : method,
                amcheck,
                lockTimeout,
                waitFor,
                attempts,
                budget,
                parallel);
    }
}
