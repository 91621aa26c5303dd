package io.watchkeeper.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the results of runs have told about a table that is kept the same as another, or compared with one.
 *
 * @param database of the target
 * @param table of the target
 * @param syncedAt when it was last the same as a view of its source; null when that is not known
 * @param differences rows that were not the same when it was last compared; null when it never was
 * @param verifiedAt when it was last compared, whatever came out; null when that is not known
 * @param source the database that it is kept the same as, or was compared with; null when that is not known
 */
public record TableState(
        String database,
        String table,
        @Nullable Instant syncedAt,
        @Nullable Long differences,
        @Nullable Instant verifiedAt,
        @Nullable String source) {

    /** Where no comparison and no source is told of. */
    public TableState(String database, String table, @Nullable Instant syncedAt, @Nullable Long differences) {
        this(database, table, syncedAt, differences, null, null);
    }

    /**
     * What one result tells; empty for most.
     *
     * @param now when the verb was done
     */
    public static Optional<TableState> of(VerbResult result, Instant now) {
        Map<String, Object> fields = result.fields();
        if (!(fields.get("to") instanceof String database) || !(fields.get("table") instanceof String source)) {
            return Optional.empty();
        }
        String table = fields.get("targetTable") instanceof String target ? target : source;
        Long differences = fields.get("differences") instanceof Number number ? number.longValue() : null;
        Instant begun = begin(fields, now);
        Instant verifiedAt = differences == null ? null : begun;
        String from = fields.get("from") instanceof String name ? name : null;
        return switch (result.verb()) {
            case "syncTable" ->
                fields.containsKey("skipped") || isBehind(fields)
                        ? Optional.empty()
                        : Optional.of(new TableState(database, table, begun, differences, verifiedAt, from));
            case "verifyTable" -> Optional.of(new TableState(database, table, null, differences, verifiedAt, from));
            default -> Optional.empty();
        };
    }

    /** A stream that has still something to bring, or that was just ended. */
    private static boolean isBehind(Map<String, Object> fields) {
        boolean caughtUp = fields.get("lagBytes") instanceof Number lag && lag.longValue() == 0;
        return "polling".equals(fields.get("mode")) || ("stream".equals(fields.get("mode")) && !caughtUp);
    }

    /** The view of the source was taken after this moment, so that the table is never said to be newer than it is. */
    private static Instant begin(Map<String, Object> fields, Instant now) {
        return fields.get("durationMs") instanceof Number millis
                ? now.minus(Duration.ofMillis(millis.longValue()))
                : now;
    }
}
