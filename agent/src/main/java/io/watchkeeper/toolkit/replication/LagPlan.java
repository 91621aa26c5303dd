package io.watchkeeper.toolkit.replication;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far replicas may be behind, and how much slots may keep.
 *
 * @param warnAfterBytes not replayed; null for no limit, as with each of those below
 * @param warnRetaining log that one slot keeps
 * @param fullWithin alert when slots will have filled the disk within this time
 * @param standbys so many replicas must be connected
 * @param except replicas and slots that are not judged
 */
public record LagPlan(
        Duration warnAfter,
        Duration alertAfter,
        @Nullable Bytes warnAfterBytes,
        @Nullable Bytes alertAfterBytes,
        @Nullable Bytes warnRetaining,
        @Nullable Bytes alertRetaining,
        Duration fullWithin,
        int standbys,
        List<NameGlob> except) {

    public static final Duration WARN_AFTER = Duration.ofSeconds(60);
    public static final Duration ALERT_AFTER = Duration.ofMinutes(5);
    public static final Duration FULL_WITHIN = Duration.ofHours(6);

    /** Whether nobody has said otherwise. */
    public static final LagPlan USUAL =
            new LagPlan(WARN_AFTER, ALERT_AFTER, null, null, null, null, FULL_WITHIN, 0, List.of());

    /** @throws OperatorException when a warning would come after its alert */
    public LagPlan {
        except = List.copyOf(except);
        if (warnAfter.compareTo(alertAfter) > 0) {
            throw new OperatorException(
                    "'warnAfter' " + DurationText.say(warnAfter) + " is longer than 'alertAfter' "
                            + DurationText.say(alertAfter),
                    "a warning comes first: make it the shorter one.");
        }
        requireOrder("AfterBytes", warnAfterBytes, alertAfterBytes);
        requireOrder("Retaining", warnRetaining, alertRetaining);
        if (standbys < 0) {
            throw new OperatorException("'standbys' takes 0 or more, not " + standbys, null);
        }
    }

    private static void requireOrder(String word, @Nullable Bytes warn, @Nullable Bytes alert) {
        if (warn != null && alert != null && warn.compareTo(alert) > 0) {
            throw new OperatorException(
                    "'warn" + word + "' " + warn + " is more than 'alert" + word + "' " + alert,
                    "a warning comes first: make it the smaller one.");
        }
    }

    boolean isExcepted(String name) {
        return except.stream().anyMatch(glob -> glob.matches(name));
    }
}
