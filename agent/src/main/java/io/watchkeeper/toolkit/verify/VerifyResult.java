package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Ratio;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found: the tables match at a position of the source's log, or they don't.
 *
 * @param table the source's table
 * @param targetTable the target's table
 * @param from the source database's name
 * @param to the target database's name
 * @param mode what of the rows was compared
 * @param rowsHere of the source that were compared
 * @param rowsThere of the target that were compared
 * @param differences rows that are not the same; after a repair, those that are left
 * @param found how many there were before a repair; the same as {@code differences} without one
 * @param differingKeys some of them
 * @param file all of them, as comma-separated values; null when there are none, or no folder for it
 * @param inFlight rows that differed at first, and were on their way to the target
 * @param lsn where the source's log stood when the verification began to look: all that was committed before was seen
 * @param sampled the share of the rows that was compared; null for all
 * @param chunks in which the table was compared
 * @param resumed whether an earlier verification had compared some of them
 * @param stages how long each took
 * @param repair what was done about the differences
 * @param repaired rows that a repair wrote or deleted
 * @param repairSql the first statements that would make the target's rows equal, with repair plan
 * @param repairFile all of them; null when there are none, or no folder for it
 * @param notes what an operator should know; may be empty
 */
public record VerifyResult(
        TableName table,
        TableName targetTable,
        String from,
        String to,
        VerifyBy mode,
        long rowsHere,
        long rowsThere,
        long differences,
        long found,
        List<DifferingKey> differingKeys,
        @Nullable Path file,
        long inFlight,
        Lsn lsn,
        @Nullable Ratio sampled,
        int chunks,
        boolean resumed,
        Duration duration,
        Map<Stage, Duration> stages,
        Repair repair,
        long repaired,
        List<String> repairSql,
        @Nullable Path repairFile,
        List<String> notes) {

    /** A part of the work. */
    public enum Stage {
        VERIFY,
        RECHECK,
        REPAIR;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public VerifyResult {
        differingKeys = List.copyOf(differingKeys);
        EnumMap<Stage, Duration> ordered = new EnumMap<>(Stage.class);
        ordered.putAll(stages);
        stages = Collections.unmodifiableMap(ordered);
        repairSql = List.copyOf(repairSql);
        notes = List.copyOf(notes);
    }

    public boolean isMatch() {
        return differences == 0;
    }

    /** The share of rows that are the same, 0.0 to 1.0; less than 1.0 whenever something differs. */
    public double score() {
        if (differences == 0) {
            return 1;
        }
        double same = 1 - (double) differences / Math.max(1, Math.max(rowsHere, rowsThere));
        return Math.max(0, Math.min(same, Math.nextDown(1.0)));
    }

    /** Rows of both sides per second. */
    public double rowsPerSecond() {
        return duration.isZero() ? 0 : (rowsHere + rowsThere) * 1e9 / duration.toNanos();
    }

    /** For example {@code public.t matches at 0/8F3A2C10: 2000000 rows}. */
    public String sentence() {
        String what = isMatch() ? " matches at " + lsn + ": " + rowsHere + " rows" : mismatch();
        return table
                + what
                + (sampled == null ? "" : " of a sample of " + sampled)
                + (inFlight == 0 ? "" : ", " + inFlight + " in flight")
                + (repaired == 0 ? "" : ", " + repaired + " repaired");
    }

    private String mismatch() {
        return " differs at " + lsn + ": " + differences + (differences == 1 ? " row" : " rows") + " ('" + from
                + "' has " + rowsHere + ", '" + to + "' has " + rowsThere + ")";
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
        fields.put("rowsRead", rowsHere + rowsThere);
        fields.put("rowsHere", rowsHere);
        fields.put("rowsThere", rowsThere);
        fields.put("verified", isMatch());
        fields.put("differences", differences);
        fields.put("score", score());
        fields.put("lsn", lsn.toString());
        putDifferences(fields);
        fields.put("inFlight", inFlight);
        if (sampled != null) {
            fields.put("sampled", sampled.share());
        }
        fields.put("chunks", chunks);
        if (resumed) {
            fields.put("resumed", true);
        }
        fields.put("durationMs", duration.toMillis());
        fields.put("rowsPerSecond", Math.round(rowsPerSecond()));
        Map<String, Object> milliseconds = new LinkedHashMap<>();
        stages.forEach((stage, time) -> milliseconds.put(stage.toString(), time.toMillis()));
        fields.put("stages", milliseconds);
        if (repair != Repair.NONE) {
            putRepair(fields);
        }
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }

    private void putDifferences(Map<String, Object> fields) {
        if (!differingKeys.isEmpty()) {
            fields.put(
                    "differingKeys",
                    differingKeys.stream().map(DifferingKey::fields).toList());
        }
        if (file != null) {
            fields.put("differingKeysFile", file.toString());
        }
    }

    private void putRepair(Map<String, Object> fields) {
        fields.put("repair", repair.toString());
        fields.put("found", found);
        if (repair == Repair.APPLY) {
            fields.put("repaired", repaired);
        }
        if (!repairSql.isEmpty()) {
            fields.put("repairSql", repairSql);
        }
        if (repairFile != null) {
            fields.put("repairFile", repairFile.toString());
        }
    }
}
