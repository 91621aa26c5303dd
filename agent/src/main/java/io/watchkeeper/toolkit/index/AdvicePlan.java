package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.TableName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to look for in the indexes of a database.
 *
 * @param tables names or patterns; empty for every table of the database
 * @param rules a file of the house's own rules; null for none
 * @param alsoAsk further servers of the same tables, standbys above all, whose queries use indexes, too
 * @param mergeKeys columns by which rows are merged into a table
 * @param unusedFor how long an index must have been of no use
 * @param leastRows a table of fewer rows needs no index for its foreign keys
 * @param accepted codes of findings that are known
 */
public record AdvicePlan(
        List<String> tables,
        @Nullable Path rules,
        List<Database> alsoAsk,
        Map<TableName, List<String>> mergeKeys,
        Duration unusedFor,
        long leastRows,
        Set<String> accepted) {

    public static final Duration UNUSED_FOR = Duration.ofDays(30);
    public static final long LEAST_ROWS = 1_000;

    public AdvicePlan {
        tables = List.copyOf(tables);
        alsoAsk = List.copyOf(alsoAsk);
        mergeKeys = new LinkedHashMap<>(mergeKeys);
        accepted = Set.copyOf(accepted);
    }

    /** What the catalogue alone tells. */
    public static AdvicePlan of(List<String> tables) {
        return new AdvicePlan(tables, null, List.of(), Map.of(), UNUSED_FOR, LEAST_ROWS, Set.of());
    }
}
