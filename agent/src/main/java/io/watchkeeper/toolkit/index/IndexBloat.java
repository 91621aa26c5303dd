package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An index, and how much of it is empty.
 *
 * @param id in the catalogue
 * @param table whose it is; of a TOAST table's index the table that owns it
 * @param tableId that table's
 * @param method of access, {@code btree}
 * @param bytes by the planner's pages
 * @param rows by the planner's estimate; negative when there is none
 * @param scans so far
 * @param valid whether queries may use it
 * @param exclusion whether it holds up an exclusion constraint
 * @param toast whether it is a TOAST table's
 * @param fill what its pages are filled to when it is new
 * @param bloat which share of it could be gone; null where nothing tells
 * @param measured whether its pages were looked at; the planner's statistics tell otherwise
 */
public record IndexBloat(
        long id,
        IndexName index,
        TableName table,
        long tableId,
        String method,
        long bytes,
        double rows,
        long scans,
        boolean valid,
        boolean exclusion,
        boolean toast,
        Ratio fill,
        @Nullable Ratio bloat,
        boolean measured) {

    boolean isBtree() {
        return method.equals("btree");
    }

    /** What could be gone, in bytes; 0 where nothing tells. */
    public long wasted() {
        return bloat == null ? 0 : Math.round(bytes * bloat.share());
    }

    /** Whether at least so much of it is empty. */
    public boolean isOver(Ratio limit) {
        return bloat != null && bloat.compareTo(limit) >= 0;
    }

    /** In words: {@code public.t_pkey is 4.3 MB, 81 % of it empty (estimated from statistics)}. */
    public String words() {
        return index + " is " + Bytes.of(bytes)
                + (bloat == null
                        ? ""
                        : ", " + bloat + " of it empty" + (measured ? "" : " (estimated from statistics)"));
    }

    IndexBloat with(Ratio found, boolean byItsPages) {
        return new IndexBloat(
                id,
                index,
                table,
                tableId,
                method,
                bytes,
                rows,
                scans,
                valid,
                exclusion,
                toast,
                fill,
                found,
                byItsPages);
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("index", index.toString());
        fields.put("table", table.toString());
        fields.put("bytes", bytes);
        if (bloat != null) {
            fields.put("bloatRatio", TableBloat.round(bloat));
            fields.put("bloatBytes", wasted());
            fields.put("by", measured ? "pgstattuple" : "statistics");
        }
        fields.put("scans", scans);
        return fields;
    }
}
