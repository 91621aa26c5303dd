package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.Optional;

/**
 * What the verification of several tables found.
 *
 * @param results one per table that was verified, whether it matches or not, in the order of the names
 * @param failures one per table that could not be verified
 */
public record VerifySetResult(List<VerifyResult> results, List<TableFailure> failures) {

    public VerifySetResult {
        results = List.copyOf(results);
        failures = List.copyOf(failures);
    }

    /** Over all tables that were verified. */
    public long differences() {
        return results.stream().mapToLong(VerifyResult::differences).sum();
    }

    /** Whether every table was verified, and matches. */
    public boolean isMatch() {
        return failures.isEmpty() && results.stream().allMatch(VerifyResult::isMatch);
    }

    /** The failures as one that names every table; empty when all could be verified. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        return TableFailure.combine(failures, results.size() + failures.size(), "verified");
    }
}
