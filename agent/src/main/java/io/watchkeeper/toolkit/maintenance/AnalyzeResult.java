package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.Optional;

/**
 * What ANALYZE did.
 *
 * @param tables one per table, in the order of the work
 * @param failures one per table that could not be analyzed
 */
public record AnalyzeResult(List<AnalyzedTable> tables, List<TableFailure> failures) {

    public AnalyzeResult {
        tables = List.copyOf(tables);
        failures = List.copyOf(failures);
    }

    /** The failures as one that names every table; empty when all went well. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        return TableFailure.combine(failures, tables.size() + failures.size(), "analyzed");
    }
}
