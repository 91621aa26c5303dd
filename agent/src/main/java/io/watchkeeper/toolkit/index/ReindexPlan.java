package io.watchkeeper.toolkit.index;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which indexes to build anew, and how.
 *
 * @param tables names or patterns; empty for every table of the database
 * @param whenBloat only B-tree indexes of which at least this share is empty; null for all
 * @param least only indexes of at least so many bytes; those that are invalid are mended whatever their size
 * @param method how it is done
 * @param check whether amcheck looks at each B-tree before and after
 * @param lockTimeout how long an attempt waits for a table that is in use
 * @param waitFor how long a rebuild waits for transactions that are older than it, which is in nobody's way
 * @param attempts for each index, after deadlocks and timeouts
 * @param budget after which no other index is begun; null for no end
 * @param parallel processes of the server that help to build one index; none leaves the users their processors
 */
public record ReindexPlan(
        List<String> tables,
        @Nullable Ratio whenBloat,
        Bytes least,
        Method method,
        boolean check,
        Duration lockTimeout,
        Duration waitFor,
        int attempts,
        @Nullable Duration budget,
        int parallel) {

    public static final Duration LOCK_TIMEOUT = Duration.ofSeconds(1);
    public static final Duration WAIT_FOR = Duration.ofMinutes(10);
    public static final int ATTEMPTS = 3;

    /** Why something was not begun any more. */
    static final String OVER = "the budget was over; the next run begins with the worst";

    /** How an index is built anew. */
    public enum Method {
        /** Beside itself: reads and writes go on. */
        CONCURRENTLY,
        /** In place: writes to the table, and queries that would use the index, wait until it is built. */
        IN_PLACE,
        /** The whole table with its indexes, by the program pg_repack. */
        REPACK
    }

    public ReindexPlan {
        tables = List.copyOf(tables);
    }

    /** Each index built by one process. */
    public ReindexPlan(
            List<String> tables,
            @Nullable Ratio whenBloat,
            Bytes least,
            Method method,
            boolean check,
            Duration lockTimeout,
            Duration waitFor,
            int attempts,
            @Nullable Duration budget) {
        this(tables, whenBloat, least, method, check, lockTimeout, waitFor, attempts, budget, 0);
    }

    /** All indexes of the tables, concurrently. */
    public static ReindexPlan of(List<String> tables) {
        return new ReindexPlan(
                tables, null, Bytes.of(0), Method.CONCURRENTLY, false, LOCK_TIMEOUT, WAIT_FOR, ATTEMPTS, null);
    }

    /** Whether the budget of what began then is over. @param start by {@link System#nanoTime} */
    boolean isOver(long start) {
        return budget != null && System.nanoTime() - start > budget.toNanos();
    }
}
