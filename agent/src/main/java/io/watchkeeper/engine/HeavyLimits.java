package io.watchkeeper.engine;

import io.watchkeeper.units.Bytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much heavy work a host does.
 *
 * @param atOnce how many runs may be at it
 * @param aging whoever has waited so long is treated as one step more urgent, and so on with each time
 * @param patience how long work that yields waits at most for replicas to catch up and users to calm down
 * @param maxLag a replica of a database that is further behind makes its heavy work yield
 * @param maxActive so many busy sessions of others on a server do, too
 * @param rate bytes per second that the runs share where their verbs can be held to a rate; null for as fast as it goes
 * @param lookEvery how often servers are looked at while something heavy is done to them
 * @param heavyAfter how long a step goes on at its own pace, whatever is strained
 */
public record HeavyLimits(
        int atOnce,
        Duration aging,
        Duration patience,
        Duration maxLag,
        int maxActive,
        @Nullable Bytes rate,
        Duration lookEvery,
        Duration heavyAfter) {

    private static final int LEAST_ACTIVE = 8;

    /** What a host does that was not told otherwise. */
    public static HeavyLimits usual() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new HeavyLimits(
                usualAtOnce(cores),
                Duration.ofMinutes(5),
                Duration.ofMinutes(15),
                Duration.ofMinutes(5),
                usualMaxActive(cores),
                null,
                Duration.ofSeconds(5),
                GiveWay.HEAVY_AFTER);
    }

    /** One for each two cores, two at least. */
    public static int usualAtOnce(int cores) {
        return Math.max(2, cores / 2);
    }

    /** Two for each core, eight at least. */
    public static int usualMaxActive(int cores) {
        return Math.max(LEAST_ACTIVE, 2 * cores);
    }
}
