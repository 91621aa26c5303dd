package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.TableName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A publication as it is now.
 *
 * @param database the name in the configuration
 * @param created whether it was made just now
 * @param added tables it has got just now
 * @param dropped tables it has lost just now
 * @param tables all that it is asked to have
 * @param notes what an operator should know about it
 */
public record PublicationResult(
        String name,
        String database,
        boolean created,
        List<TableName> added,
        List<TableName> dropped,
        List<TableName> tables,
        List<String> notes) {

    public PublicationResult {
        added = List.copyOf(added);
        dropped = List.copyOf(dropped);
        tables = List.copyOf(tables);
        notes = List.copyOf(notes);
    }

    /** Whether anything had to be done. */
    public boolean changed() {
        return created || !added.isEmpty() || !dropped.isEmpty();
    }

    /** As it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("publication", name);
        fields.put("database", database);
        fields.put("created", created);
        fields.put("added", texts(added));
        fields.put("dropped", texts(dropped));
        fields.put("tables", texts(tables));
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return fields;
    }

    private static List<String> texts(List<TableName> names) {
        return names.stream().map(TableName::toString).toList();
    }
}
