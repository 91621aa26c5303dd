package io.watchkeeper.toolkit.sql;

import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an update that overwrites nobody did.
 *
 * @param version that the row has now; null where there is none, or it has none
 */
public record VersionedUpdate(
        String database,
        TableName table,
        State state,
        @Nullable Long version,
        Duration duration) {

    /** What became of it. */
    public enum State {
        /** The row was as the caller had read it, and is changed. */
        UPDATED,
        /** Somebody has changed it since; it was left as it is. */
        CONFLICT,
        /** There is no such row, or no longer. */
        MISSING,
        /** A dry run asks nobody. */
        PLANNED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean updated() {
        return state == State.UPDATED;
    }

    public boolean conflict() {
        return state == State.CONFLICT;
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("table", table.toString());
        fields.put("state", state.toString());
        fields.put("rowsWritten", updated() ? 1 : 0);
        if (version != null) {
            fields.put("version", version);
        }
        fields.put("durationMs", duration.toMillis());
        return fields;
    }
}
