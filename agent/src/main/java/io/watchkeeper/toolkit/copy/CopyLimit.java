package io.watchkeeper.toolkit.copy;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the copy of a table should keep to.
 *
 * @param severity of the alert when it does not
 * @param stage the part of the copy that is meant; null for all of it
 * @param value in the kind's unit
 */
public record CopyLimit(String severity, Kind kind, CopyResult.@Nullable Stage stage, long value) {

    /** What is compared. */
    public enum Kind {
        /** Milliseconds from the table's beginning, waiting for locks included, or of one of its stages. */
        LONGER_THAN,
        /** Rows per second while rows travel. */
        SLOWER_THAN,
        MORE_ROWS_THAN,
        MORE_BYTES_THAN
    }

    /** As it is written in a runbook, without its value: {@code longerThan verify}. */
    public String name() {
        String word = switch (kind) {
            case LONGER_THAN -> "longerThan";
            case SLOWER_THAN -> "slowerThan";
            case MORE_ROWS_THAN, MORE_BYTES_THAN -> "moreThan";
        };
        return stage == null ? word : word + " " + stage;
    }

    /** An amount of this kind as people say it. */
    String say(long amount) {
        return switch (kind) {
            case LONGER_THAN -> DurationText.say(Duration.ofMillis(amount));
            case SLOWER_THAN -> String.format(Locale.ROOT, "%,d rows/s", amount);
            case MORE_ROWS_THAN -> String.format(Locale.ROOT, "%,d rows", amount);
            case MORE_BYTES_THAN -> Bytes.of(amount).toString();
        };
    }
}
