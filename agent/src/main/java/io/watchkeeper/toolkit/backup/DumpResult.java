package io.watchkeeper.toolkit.backup;

import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A dump that was made.
 *
 * @param id by which the catalogue knows it; empty in a dry run
 * @param database as configured
 * @param path its folder in the repository
 * @param tables whose rows are in it
 * @param bytes in the repository
 * @param lsn where the server was at its snapshot
 * @param globals whether roles and tablespaces are in it
 * @param restored whether it was restored and every table was the same
 * @param rows restored and compared, over all tables; -1 when it was not restored
 */
public record DumpResult(
        String id,
        String database,
        String format,
        String path,
        int tables,
        Bytes bytes,
        String lsn,
        String compression,
        boolean encrypted,
        boolean globals,
        boolean restored,
        long rows,
        Duration duration,
        List<String> notes) {

    public DumpResult {
        notes = List.copyOf(notes);
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("backup", id);
        fields.put("kind", "dump");
        fields.put("format", format);
        fields.put("path", path);
        fields.put("tables", tables);
        fields.put("bytes", bytes.count());
        fields.put("lsn", lsn);
        fields.put("compression", compression);
        fields.put("encrypted", encrypted);
        fields.put("globals", globals);
        fields.put("restored", restored);
        if (rows >= 0) {
            fields.put("rowsCompared", rows);
        }
        fields.put("durationMs", duration.toMillis());
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }
}
