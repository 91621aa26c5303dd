package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.review.ReviewFinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was done for the partitions of one table.
 *
 * @param skipped why nothing was even looked at; null when it was
 * @param created partitions that are new
 * @param detached partitions that are tables of their own now
 * @param archived partitions that were dropped, and are in the archive
 * @param archives by which the archive knows those, in the same order
 * @param dropped partitions that are gone with their rows
 * @param movedRows from the default partition to where they belong
 * @param findings what is not as it should be
 */
public record TableUpkeep(
        TableName table,
        String database,
        @Nullable String skipped,
        List<TableName> created,
        List<TableName> detached,
        List<TableName> archived,
        List<String> archives,
        List<TableName> dropped,
        long movedRows,
        List<ReviewFinding> findings,
        Duration duration) {

    public TableUpkeep {
        created = List.copyOf(created);
        detached = List.copyOf(detached);
        archived = List.copyOf(archived);
        archives = List.copyOf(archives);
        dropped = List.copyOf(dropped);
        findings = List.copyOf(findings);
    }

    /** Whether anything is other than before. */
    public boolean isChanged() {
        return !(created.isEmpty() && detached.isEmpty() && archived.isEmpty() && dropped.isEmpty());
    }

    /** In one line, for people. */
    public String summary() {
        if (skipped != null) {
            return table + " is left alone: " + skipped;
        }
        List<String> parts = new ArrayList<>();
        add(parts, created, "made");
        add(parts, detached, "detached");
        add(parts, archived, "archived and dropped");
        add(parts, dropped, "dropped");
        if (movedRows > 0) {
            parts.add(movedRows + " rows moved from the default partition");
        }
        return table + ": " + (parts.isEmpty() ? "nothing was due" : String.join("; ", parts));
    }

    private static void add(List<String> parts, List<TableName> names, String happened) {
        if (!names.isEmpty()) {
            String few = String.join(
                    ", ", names.stream().limit(5).map(TableName::toString).toList());
            parts.add(happened + " " + few + (names.size() > 5 ? " and " + (names.size() - 5) + " more" : ""));
        }
    }

    /** The result as it stands in the run document. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.put("database", database);
        if (skipped != null) {
            fields.put("skipped", skipped);
        }
        put(fields, "created", created);
        put(fields, "detached", detached);
        put(fields, "archived", archived);
        put(fields, "archives", archives);
        put(fields, "dropped", dropped);
        fields.put("movedRows", movedRows);
        if (!findings.isEmpty()) {
            fields.put("findings", findings.stream().map(TableUpkeep::fields).toList());
        }
        fields.put("durationMs", duration.toMillis());
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, List<?> values) {
        if (!values.isEmpty()) {
            fields.put(name, values.stream().map(Object::toString).toList());
        }
    }

    private static Map<String, Object> fields(ReviewFinding finding) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("code", finding.code());
        fields.put("status", finding.status().wireName());
        fields.put("message", finding.message());
        if (!finding.remedy().isEmpty()) {
            fields.put("remedy", finding.remedy());
        }
        return fields;
    }
}
