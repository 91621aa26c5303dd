package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.Optional;

/**
 * What the copy of several tables did.
 *
 * @param results one per table that was copied, in the order of copying
 * @param failures one per table that was not; their rows in the target are as they were
 */
public record TableSetResult(List<CopyResult> results, List<TableFailure> failures) {

    public TableSetResult {
        results = List.copyOf(results);
        failures = List.copyOf(failures);
    }

    public long rowsWritten() {
        return results.stream().mapToLong(CopyResult::rowsWritten).sum();
    }

    /** The failures as one that names every table; empty when all went well. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        long failed = failures.stream().map(TableFailure::table).distinct().count();
        return TableFailure.combine(failures, results.size() + failed, "copied");
    }
}
