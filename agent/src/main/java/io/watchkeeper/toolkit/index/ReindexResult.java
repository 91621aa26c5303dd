package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What came of building indexes anew.
 *
 * @param database as configured
 * @param looked how many indexes were looked at, with pg_repack how many tables
 * @param rebuilt in the order of the work
 * @param repacked tables that pg_repack has written anew
 * @param skipped why others were left, by index or table
 * @param leftovers of earlier rebuilds that were dropped
 * @param failures one for each index that could not be built
 */
public record ReindexResult(
        String database,
        int looked,
        List<RebuiltIndex> rebuilt,
        List<RepackedTable> repacked,
        Map<String, String> skipped,
        List<IndexName> leftovers,
        List<TableFailure> failures) {

    private static final int MOST_TOLD = 20;

    public ReindexResult {
        rebuilt = List.copyOf(rebuilt);
        repacked = List.copyOf(repacked);
        skipped = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(skipped));
        leftovers = List.copyOf(leftovers);
        failures = List.copyOf(failures);
    }

    public long bytesReclaimed() {
        return rebuilt.stream().mapToLong(RebuiltIndex::bytesReclaimed).sum()
                + repacked.stream().mapToLong(RepackedTable::bytesReclaimed).sum();
    }

    /** In one line. */
    public String words() {
        String what = repacked.isEmpty()
                ? rebuilt.size() + " of " + looked + " indexes of " + database + " built anew, "
                : repacked.size() + " of " + looked + " tables of " + database + " written anew, ";
        return what
                + Bytes.of(bytesReclaimed()) + " given back"
                + (leftovers.isEmpty() ? "" : ", " + leftovers.size() + " leftovers of earlier rebuilds dropped")
                + (failures.isEmpty() ? "" : ", " + failures.size() + " failed");
    }

    /** The failures as one that names every table; empty when all went well. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        long all = rebuilt.size() + (long) repacked.size() + failures.size();
        return TableFailure.combine(failures, all, "reindexed");
    }

    /** The whole as it stands in the run document; each rebuilt index has a result of its own. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("summary", words());
        fields.put("looked", looked);
        fields.put("rebuilt", rebuilt.size());
        if (!repacked.isEmpty()) {
            fields.put("repacked", repacked.size());
        }
        fields.put("bytesReclaimed", bytesReclaimed());
        if (!leftovers.isEmpty()) {
            fields.put(
                    "leftoversDropped",
                    leftovers.stream().map(IndexName::toString).toList());
        }
        if (!skipped.isEmpty()) {
            Map<String, String> told = new LinkedHashMap<>();
            skipped.entrySet().stream().limit(MOST_TOLD).forEach(one -> told.put(one.getKey(), one.getValue()));
            fields.put("skipped", told);
        }
        return fields;
    }
}
