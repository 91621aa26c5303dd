package io.watchkeeper.toolkit.partition;

import io.watchkeeper.problem.OperatorException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the partitions of tables are looked after.
 *
 * @param tables names or patterns of partitioned tables
 * @param within how new partitions are divided; null for as the newest one is
 * @param ahead the partition for this long from now is there already
 * @param retain partitions whose rows are all older than this go; null for none
 * @param action what becomes of those
 * @param moveDefaultRows whether rows of the default partition go where they belong
 * @param zone in which days begin
 * @param template the table whose rights, policies, settings and own indexes new partitions get; null for the newest partition
 * @param lockTimeout how long an attempt waits for a lock, at most a second
 * @param attempts to get it
 * @param maxDrops when more partitions of a table than this are old enough, none of them goes
 * @param batch so many rows of the default partition are moved in one transaction
 */
public record UpkeepPlan(
        List<String> tables,
        Period period,
        @Nullable SubPartitions within,
        Duration ahead,
        @Nullable Duration retain,
        Retention action,
        boolean moveDefaultRows,
        ZoneId zone,
        @Nullable String template,
        Duration lockTimeout,
        int attempts,
        int maxDrops,
        int batch) {

    private static final Duration SHORTEST_RETENTION = Duration.ofHours(1);
    private static final Duration LONGEST_AHEAD = Duration.ofDays(3_660);

    /** @throws OperatorException for a value that cannot be meant */
    public UpkeepPlan {
        tables = List.copyOf(tables);
        if (ahead.isNegative() || ahead.compareTo(LONGEST_AHEAD) > 0) {
            throw new OperatorException("'ahead' takes up to ten years", "ahead 3.days");
        }
        if (retain != null && retain.compareTo(SHORTEST_RETENTION) < 0) {
            throw new OperatorException("'retain' of less than an hour would keep nothing", "retain 180.days");
        }
        if (lockTimeout.isNegative() || lockTimeout.isZero() || lockTimeout.compareTo(PatientLock.LONGEST) > 0) {
            throw new OperatorException(
                    "'lockTimeout' takes up to one second, because writers wait behind it",
                    "say 'attempts' for more tries: lockTimeout 500.milliseconds; attempts 50");
        }
        requirePositive("attempts", attempts);
        requirePositive("maxDrops", maxDrops);
        requirePositive("batch", batch);
    }

    private static void requirePositive(String word, int value) {
        if (value < 1) {
            throw new OperatorException("'" + word + "' is " + value, "it takes at least one.");
        }
    }

    /** Monthly, three days ahead, nothing is ever removed. */
    public static UpkeepPlan monthly(List<String> tables) {
        return new UpkeepPlan(
                tables,
                Period.MONTHLY,
                null,
                Duration.ofDays(3),
                null,
                Retention.DETACH,
                false,
                ZoneOffset.UTC,
                null,
                Duration.ofMillis(500),
                20,
                12,
                20_000);
    }

    public UpkeepPlan withPeriod(Period chosen) {
        return new UpkeepPlan(
                tables,
                chosen,
                within,
                ahead,
                retain,
                action,
                moveDefaultRows,
                zone,
                template,
                lockTimeout,
                attempts,
                maxDrops,
                batch);
    }

    public UpkeepPlan withSubPartitions(SubPartitions chosen) {
        return new UpkeepPlan(
                tables,
                period,
                chosen,
                ahead,
                retain,
                action,
                moveDefaultRows,
                zone,
                template,
                lockTimeout,
                attempts,
                maxDrops,
                batch);
    }

    public UpkeepPlan withAhead(Duration time) {
        return new UpkeepPlan(
                tables,
                period,
                within,
                time,
                retain,
                action,
                moveDefaultRows,
                zone,
                template,
                lockTimeout,
                attempts,
                maxDrops,
                batch);
    }

    public UpkeepPlan withRetention(Duration time, Retention chosen) {
        return new UpkeepPlan(
                tables,
                period,
                within,
                ahead,
                time,
                chosen,
                moveDefaultRows,
                zone,
                template,
                lockTimeout,
                attempts,
                maxDrops,
                batch);
    }

    public UpkeepPlan withMovingDefaultRows(int rowsAtOnce) {
        return new UpkeepPlan(
                tables,
                period,
                within,
                ahead,
                retain,
                action,
                true,
                zone,
                template,
                lockTimeout,
                attempts,
                maxDrops,
                rowsAtOnce);
    }

    public UpkeepPlan withZone(ZoneId chosen) {
        return new UpkeepPlan(
                tables,
                period,
                within,
                ahead,
                retain,
                action,
                moveDefaultRows,
                chosen,
                template,
                lockTimeout,
                attempts,
                maxDrops,
                batch);
    }

    public UpkeepPlan withTemplate(String table) {
        return new UpkeepPlan(
                tables,
                period,
                within,
                ahead,
                retain,
                action,
                moveDefaultRows,
                zone,
                table,
                lockTimeout,
                attempts,
                maxDrops,
                batch);
    }

    public UpkeepPlan withPatience(Duration wait, int tries) {
        return new UpkeepPlan(
                tables,
                period,
                within,
                ahead,
                retain,
                action,
                moveDefaultRows,
                zone,
                template,
                wait,
                tries,
                maxDrops,
                batch);
    }

    public UpkeepPlan withMaxDrops(int most) {
        return new UpkeepPlan(
                tables,
                period,
                within,
                ahead,
                retain,
                action,
                moveDefaultRows,
                zone,
                template,
                lockTimeout,
                attempts,
                most,
                batch);
    }

    PatientLock lock() {
        return new PatientLock(lockTimeout, attempts);
    }
}
