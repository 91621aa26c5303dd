package io.watchkeeper.toolkit.maintenance;

import java.util.List;

/**
 * What ANALYZE did.
 *
 * @param tables one per table, in the order of the work
 */
public record AnalyzeResult(List<AnalyzedTable> tables) {
    public AnalyzeResult {
        tables = List.copyOf(tables);
    }
}
