package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.Optional;

/**
 * What a round over several tables did.
 *
 * @param results one per table that is the same now, or was skipped
 * @param failures one per table that is as the last round left it
 */
public record SyncSetResult(List<SyncResult> results, List<TableFailure> failures) {

    public SyncSetResult {
        results = List.copyOf(results);
        failures = List.copyOf(failures);
    }

    public long rowsWritten() {
        return results.stream().mapToLong(SyncResult::rowsWritten).sum();
    }

    public long rowsDeleted() {
        return results.stream().mapToLong(SyncResult::rowsDeleted).sum();
    }

    /** The failures as one that names every table; empty when all went well. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        long failed = failures.stream().map(TableFailure::table).distinct().count();
        return TableFailure.combine(failures, results.size() + failed, "synchronised");
    }
}
