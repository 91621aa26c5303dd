package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Values for rows that lack them.
 *
 * @param set as after SET in an UPDATE
 * @param where which rows lack them; of a row that was written it must not be true any more
 * @param batch so many rows are written in one transaction
 * @param pause between two of them
 * @param rateLimit so much is written per second at most, reckoned by the table's average row; null for as fast as it goes
 * @param maxLag the work waits while a replica is further behind
 */
public record BackfillPlan(
        TableName table,
        String set,
        String where,
        int batch,
        Duration pause,
        @Nullable Bytes rateLimit,
        Bytes maxLag) {

    public static final int BATCH = 5_000;
    public static final Duration PAUSE = Duration.ofMillis(50);
    private static final int MOST = 100_000;

    public BackfillPlan {
        one("set", set);
        one("where", where);
        if (batch < 1 || batch > MOST) {
            throw new OperatorException(
                    "a batch of " + batch + " rows", "give from 1 to " + MOST + "; their locks are held together.");
        }
        if (pause.isNegative()) {
            throw new OperatorException("a pause of less than nothing", "give a time, as 100.milliseconds.");
        }
        if (rateLimit != null && rateLimit.count() < 1) {
            throw new OperatorException(
                    "'rateLimit' of nothing would never end", "leave it out for as fast as it goes.");
        }
    }

    /** As fast as it goes. */
    public BackfillPlan(TableName table, String set, String where, int batch, Duration pause, Bytes maxLag) {
        this(table, set, where, batch, pause, null, maxLag);
    }

    private static void one(String word, String text) {
        if (ScriptReader.read(text).statements().size() != 1) {
            throw new OperatorException(
                    "'" + word + "' is not one expression: " + text,
                    "for example: set 'region = upper(country)'; where 'region is null'.");
        }
    }
}
