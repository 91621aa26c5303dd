package io.watchkeeper.toolkit.backup;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dump, or some of its tables, that is in a database now.
 *
 * @param database whose dump it is, as configured
 * @param dump the catalogue's id; empty in a dry run
 * @param into the database it was restored into
 * @param created whether that was made for it
 * @param tables sorted by name
 * @param globals the file with the roles of the dump, which nobody applied; null where it has none
 */
public record DumpRestoreResult(
        String database,
        String dump,
        String into,
        boolean created,
        List<RestoredTable> tables,
        @Nullable Path globals,
        Duration duration,
        List<String> notes) {

    private static final int SHOWN_TABLES = 200;

    public DumpRestoreResult {
        tables = List.copyOf(tables);
        notes = List.copyOf(notes);
    }

    /** In all tables that were restored. */
    public long rows() {
        return tables.stream().mapToLong(RestoredTable::rows).sum();
    }

    /** Whether every table was compared with what was dumped, and is the same. */
    public boolean verified() {
        return !tables.isEmpty() && tables.stream().allMatch(RestoredTable::verified);
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("backup", dump);
        fields.put("into", into);
        fields.put("created", created);
        fields.put("rowsWritten", rows());
        fields.put("verified", verified());
        fields.put(
                "tables",
                tables.stream()
                        .limit(SHOWN_TABLES)
                        .map(one -> Map.of("table", one.table().toString(), "rows", one.rows()))
                        .toList());
        if (globals != null) {
            fields.put("globals", globals.toString());
        }
        fields.put("durationMs", duration.toMillis());
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }
}
