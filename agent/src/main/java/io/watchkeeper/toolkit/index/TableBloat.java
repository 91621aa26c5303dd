package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Ratio;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much of a table is empty or dead.
 *
 * @param bytes of the table itself, by the planner's pages; without indexes and TOAST
 * @param liveRows by the server's counters, as {@code deadRows}
 * @param bloat which share could be gone; null where nothing tells
 * @param measured whether its pages were looked at; the planner's statistics tell otherwise
 * @param readable whether the role may see the statistics of all its columns
 * @param analyzed whether there are statistics at all
 */
public record TableBloat(
        TableName table,
        long bytes,
        long liveRows,
        long deadRows,
        @Nullable Ratio bloat,
        boolean measured,
        boolean readable,
        boolean analyzed) {

    /** The share of rows that are dead. */
    public Ratio deadRatio() {
        long all = liveRows + deadRows;
        return new Ratio(all == 0 ? 0 : deadRows / (double) all);
    }

    /** What could be gone, in bytes; 0 where nothing tells. */
    public long wasted() {
        return bloat == null ? 0 : Math.round(bytes * bloat.share());
    }

    TableBloat measured(Ratio found) {
        return new TableBloat(table, bytes, liveRows, deadRows, found, true, readable, analyzed);
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.put("bytes", bytes);
        if (bloat != null) {
            fields.put("bloatRatio", round(bloat));
            fields.put("bloatBytes", wasted());
            fields.put("by", measured ? "pgstattuple" : "statistics");
        }
        fields.put("deadRatio", round(deadRatio()));
        fields.put("deadRows", deadRows);
        return fields;
    }

    static double round(Ratio ratio) {
        return Math.round(ratio.share() * 1e4) / 1e4;
    }
}
