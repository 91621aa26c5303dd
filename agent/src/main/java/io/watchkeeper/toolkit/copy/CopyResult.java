package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a copy did.
 *
 * @param table the source's table
 * @param targetTable the target's table
 * @param from the source database's name
 * @param to the target database's name
 * @param mode what became of the target's old rows
 * @param format binary or text
 * @param bytes that travelled, as COPY data
 * @param chunks that were copied, each in a transaction of its own; 1 for a table that was copied in one
 * @param stages how long each took; verification runs on both servers at once
 * @param verified whether the copied rows were counted and checksummed on both sides, and were the same
 * @param notes what an operator should know about how it was done; may be empty
 */
public record CopyResult(
        TableName table,
        TableName targetTable,
        String from,
        String to,
        CopyStrategy mode,
        CopyFormat format,
        long rowsRead,
        long rowsWritten,
        long bytes,
        int chunks,
        Duration duration,
        Map<Stage, Duration> stages,
        boolean verified,
        List<String> notes) {

    /** A part of the work; extract is the wait for the source, load the wait for the target. */
    public enum Stage {
        EXTRACT,
        LOAD,
        MERGE,
        INDEX,
        VERIFY,
        ANALYZE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public CopyResult {
        EnumMap<Stage, Duration> ordered = new EnumMap<>(Stage.class);
        ordered.putAll(stages);
        stages = Collections.unmodifiableMap(ordered);
        notes = List.copyOf(notes);
    }

    /** The same with one more stage, and what is to be said about it. */
    CopyResult with(Stage stage, Duration time, List<String> moreNotes) {
        Map<Stage, Duration> all = new EnumMap<>(Stage.class);
        all.putAll(stages);
        all.put(stage, time);
        List<String> allNotes = new ArrayList<>(notes);
        allNotes.addAll(moreNotes);
        return new CopyResult(
                table,
                targetTable,
                from,
                to,
                mode,
                format,
                rowsRead,
                rowsWritten,
                bytes,
                chunks,
                duration.plus(time),
                all,
                verified,
                allNotes);
    }

    public double rowsPerSecond() {
        return duration.isZero() ? 0 : rowsWritten * 1e9 / duration.toNanos();
    }

    /** A verified copy has none; a copy with differences fails and leaves the target as it was. */
    public long differences() {
        return 0;
    }

    /** The rows and bytes that went through a stage, its time, and the rate that makes. */
    private Map<String, Object> details(Stage stage) {
        Map<String, Object> details = new LinkedHashMap<>();
        Duration time = stages.getOrDefault(stage, Duration.ZERO);
        // ANALYZE reads a sample whose size it keeps to itself.
        if (stage != Stage.ANALYZE) {
            long rows = stage == Stage.EXTRACT || stage == Stage.VERIFY ? rowsRead : rowsWritten;
            details.put("rows", rows);
            if (stage == Stage.EXTRACT || stage == Stage.LOAD) {
                details.put("bytes", bytes);
            }
            details.put("ms", time.toMillis());
            if (!time.isZero()) {
                details.put("rowsPerSecond", Math.round(rows * 1e9 / time.toNanos()));
            }
        } else {
            details.put("ms", time.toMillis());
        }
        return details;
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        if (!targetTable.equals(table)) {
            fields.put("targetTable", targetTable.toString());
        }
        fields.put("from", from);
        fields.put("to", to);
        fields.put("mode", mode.toString());
        fields.put("format", format.toString());
        fields.put("rowsRead", rowsRead);
        fields.put("rowsWritten", rowsWritten);
        fields.put("bytes", bytes);
        fields.put("chunks", chunks);
        fields.put("durationMs", duration.toMillis());
        fields.put("rowsPerSecond", Math.round(rowsPerSecond()));
        Map<String, Object> milliseconds = new LinkedHashMap<>();
        stages.forEach((stage, time) -> milliseconds.put(stage.toString(), time.toMillis()));
        fields.put("stages", milliseconds);
        Map<String, Object> details = new LinkedHashMap<>();
        stages.keySet().forEach(stage -> details.put(stage.toString(), details(stage)));
        fields.put("stageDetails", details);
        fields.put("verified", verified);
        if (verified) {
            fields.put("differences", differences());
        }
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }
}
