package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When a replica is too far behind, and what may be done about it.
 *
 * @param alertAfter from so far on something is done
 * @param alertAfterBytes the same in bytes; null for no such limit
 * @param until when a replica has recovered
 * @param deadline how long it is tried
 * @param every between two looks
 * @param only these replicas; empty for all
 * @param allowed in the order in which they are tried
 * @param neverCancel applications or users whose sessions are left alone, {@code *} for any characters
 * @param cancelAtMost sessions, by cancelling and terminating together
 * @param costLimit that vacuums are raised to; null for five times what it is
 * @param reindexOf tables whose most bloated index may be built anew
 * @param bloatOver from which share of an index on
 */
public record RemedyPlan(
        Duration alertAfter,
        @Nullable Bytes alertAfterBytes,
        Duration until,
        Duration deadline,
        Duration every,
        List<String> only,
        List<Remedy> allowed,
        List<String> neverCancel,
        int cancelAtMost,
        @Nullable Integer costLimit,
        List<String> reindexOf,
        Ratio bloatOver) {

    public static final Duration ALERT_AFTER = Duration.ofMinutes(5);
    public static final Duration UNTIL = Duration.ofSeconds(10);
    public static final Duration DEADLINE = Duration.ofMinutes(30);
    public static final Duration EVERY = Duration.ofSeconds(5);
    public static final int CANCEL_AT_MOST = 20;
    public static final Ratio BLOAT_OVER = Ratio.percent(30);

    public RemedyPlan {
        only = List.copyOf(only);
        allowed = List.copyOf(allowed);
        neverCancel = List.copyOf(neverCancel);
        reindexOf = List.copyOf(reindexOf);
    }

    /** How long what is done for the while stays. */
    String bound() {
        return "until it is at most " + DurationText.say(until) + " behind, for " + DurationText.say(deadline)
                + " at most";
    }

    boolean isOver(double seconds, long bytes) {
        return seconds > alertAfter.toMillis() / 1000.0 || (alertAfterBytes != null && bytes > alertAfterBytes.count());
    }

    boolean hasRecovered(double seconds, long bytes) {
        return bytes == 0
                || (seconds >= 0
                        && seconds <= until.toMillis() / 1000.0
                        && (alertAfterBytes == null || bytes <= alertAfterBytes.count()));
    }

    boolean isSpared(Blocker blocker) {
        return neverCancel.stream()
                .map(pattern -> Pattern.compile("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E"))
                .anyMatch(p -> p.matcher(blocker.application()).matches()
                        || p.matcher(blocker.user()).matches());
    }
}
