package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one round for one table did.
 *
 * @param table the source's table
 * @param targetTable the target's table
 * @param from the source database's name
 * @param to the target database's name
 * @param mode as the round went; never auto
 * @param reason why it went that way
 * @param skipped whether nothing was done, because the source is a standby that has not got as far as the last round
 * @param rowsRead rows that travelled
 * @param rowsWritten rows that were added or changed on the target
 * @param rowsDeleted rows that were gone from the source
 * @param localEdits rows that somebody else had written on the target since the last round
 * @param kept rows that are left different from the source, with the policy to keep them
 * @param bytes that travelled, as COPY data
 * @param chunks transactions the changes were brought in
 * @param stages how long each took
 * @param watermark where the next round begins: the horizon, as a transaction id, or with mode timestamp the column's value; null when
 *     skipped
 * @param lsn of the source's view that the target is now the same as; null when skipped
 * @param verified whether all rows of both sides were compared at the end, and were the same
 * @param notes what an operator should know; may be empty
 * @param xmin how the source's transactions are spread over the rows; null where they are not kept
 */
public record SyncResult(
        TableName table,
        TableName targetTable,
        String from,
        String to,
        SyncMode mode,
        String reason,
        boolean skipped,
        long rowsRead,
        long rowsWritten,
        long rowsDeleted,
        long localEdits,
        long kept,
        long bytes,
        int chunks,
        Duration duration,
        Map<Stage, Duration> stages,
        @Nullable String watermark,
        @Nullable Lsn lsn,
        boolean verified,
        List<String> notes,
        @Nullable XminSpread xmin) {

    /** One in which the source's transactions are not kept. */
    public SyncResult(
            TableName table,
            TableName targetTable,
            String from,
            String to,
            SyncMode mode,
            String reason,
            boolean skipped,
            long rowsRead,
            long rowsWritten,
            long rowsDeleted,
            long localEdits,
            long kept,
            long bytes,
            int chunks,
            Duration duration,
            Map<Stage, Duration> stages,
            @Nullable String watermark,
            @Nullable Lsn lsn,
            boolean verified,
            List<String> notes) {
        this(
                table,
                targetTable,
                from,
                to,
                mode,
                reason,
                skipped,
                rowsRead,
                rowsWritten,
                rowsDeleted,
                localEdits,
                kept,
                bytes,
                chunks,
                duration,
                stages,
                watermark,
                lsn,
                verified,
                notes,
                null);
    }

    /** A part of the work. */
    public enum Stage {
        /** The source looks for what was written. */
        EXTRACT,
        /** Rows travel. */
        LOAD,
        /** Keys are compared, to find what is gone. */
        COMPARE,
        /** The target is changed. */
        MERGE,
        VERIFY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public SyncResult {
        EnumMap<Stage, Duration> ordered = new EnumMap<>(Stage.class);
        ordered.putAll(stages);
        stages = Collections.unmodifiableMap(ordered);
        notes = List.copyOf(notes);
    }

    /** The result of a table that needed several transactions, this one being the last. */
    SyncResult after(SyncResult earlier) {
        Map<Stage, Duration> all = new EnumMap<>(Stage.class);
        all.putAll(earlier.stages);
        stages.forEach((stage, time) -> all.merge(stage, time, Duration::plus));
        List<String> allNotes = new ArrayList<>(earlier.notes);
        allNotes.addAll(notes);
        return new SyncResult(
                table,
                targetTable,
                from,
                to,
                earlier.mode,
                earlier.reason,
                skipped,
                earlier.rowsRead + rowsRead,
                earlier.rowsWritten + rowsWritten,
                earlier.rowsDeleted + rowsDeleted,
                earlier.localEdits + localEdits,
                kept,
                earlier.bytes + bytes,
                earlier.chunks + chunks,
                earlier.duration.plus(duration),
                all,
                watermark,
                lsn,
                verified,
                allNotes,
                xmin);
    }

    /** A verified round leaves none but those that are kept on purpose. */
    public long differences() {
        return kept;
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
        fields.put("reason", reason);
        if (skipped) {
            fields.put("skipped", true);
        }
        fields.put("rowsRead", rowsRead);
        fields.put("rowsWritten", rowsWritten);
        fields.put("rowsDeleted", rowsDeleted);
        if (localEdits > 0) {
            fields.put("localEdits", localEdits);
        }
        fields.put("bytes", bytes);
        fields.put("chunks", chunks);
        fields.put("durationMs", duration.toMillis());
        fields.put("rowsPerSecond", duration.isZero() ? 0 : Math.round(rowsWritten * 1e9 / duration.toNanos()));
        Map<String, Object> milliseconds = new LinkedHashMap<>();
        stages.forEach((stage, time) -> milliseconds.put(stage.toString(), time.toMillis()));
        fields.put("stages", milliseconds);
        if (watermark != null) {
            fields.put("watermark", watermark);
        }
        if (lsn != null) {
            fields.put("lsn", lsn.toString());
        }
        fields.put("verified", verified);
        if (verified || kept > 0) {
            fields.put("differences", differences());
        }
        if (xmin != null) {
            fields.put("xmin", xmin.fields());
        }
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }
}
