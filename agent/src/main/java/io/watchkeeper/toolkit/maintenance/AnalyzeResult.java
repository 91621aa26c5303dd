package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.Optional;

/**
 * What ANALYZE did.
 *
 * @param tables one per table, in the order of the work, those that were not due last
 * @param failures one per table that could not be analyzed
 */
public record AnalyzeResult(List<AnalyzedTable> tables, List<TableFailure> failures) {

    public AnalyzeResult {
        tables = List.copyOf(tables);
        failures = List.copyOf(failures);
    }

    /** How many tables were analyzed. */
    public long analyzed() {
        return tables.stream().filter(table -> table.skipped() == null).count();
    }

    /** Tables that were due and were left out: in use, or the time was over. */
    public List<AnalyzedTable> leftOut() {
        return tables.stream()
                .filter(table -> table.due() && table.skipped() != null)
                .toList();
    }

    /** In one line. */
    public String words() {
        long due = tables.stream().filter(AnalyzedTable::due).count() + failures.size();
        return analyzed() + " of " + (tables.size() + failures.size()) + " tables analyzed, " + due + " were due"
                + (leftOut().isEmpty() ? "" : ", " + leftOut().size() + " left out");
    }

    /** The failures as one that names every table; empty when all went well. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        return TableFailure.combine(failures, tables.size() + failures.size(), "analyzed");
    }
}
