package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A data directory that was restored, ready to be started.
 *
 * @param notes what was changed so that the server starts and touches nothing
 * @param commands to start it and to see that it has recovered, as a person types them
 */
public record DirectoryResult(
        String database,
        String backup,
        Path to,
        String target,
        Bytes restored,
        Duration took,
        List<String> notes,
        List<String> commands) {

    public DirectoryResult {
        notes = List.copyOf(notes);
        commands = List.copyOf(commands);
    }

    /** As in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("backup", backup);
        fields.put("to", to.toString());
        fields.put("target", target);
        fields.put("bytes", restored.count());
        fields.put("durationMs", took.toMillis());
        fields.put("notes", notes);
        fields.put("commands", commands);
        return fields;
    }
}
