package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What all verifications of one run have found so far, for its one report. A table that is verified again takes its place. */
public final class VerifyFindings {

    private final Map<List<?>, VerifyResult> results = new LinkedHashMap<>();
    private final Map<TableName, TableFailure> failures = new LinkedHashMap<>();

    public synchronized VerifyFindings add(VerifySetResult found) {
        found.failures().forEach(failure -> failures.put(failure.table(), failure));
        for (VerifyResult one : found.results()) {
            failures.remove(one.table());
            results.put(List.of(one.from(), one.table(), one.to(), one.targetTable()), one);
        }
        return this;
    }

    public synchronized VerifyReport report(String runId) {
        return new VerifyReport(runId, List.copyOf(results.values()), List.copyOf(failures.values()));
    }

    /**
     * The differences that are left as a failure that names every table; empty when all match that could be verified.
     *
     * @param report where to read more
     */
    public static Optional<OperatorException> mismatch(VerifySetResult found, Path report) {
        List<VerifyResult> differing =
                found.results().stream().filter(r -> !r.isMatch()).toList();
        if (differing.isEmpty()) {
            return Optional.empty();
        }
        Repair repair = differing.get(0).repair();
        return Optional.of(new OperatorException(
                differing.stream().map(VerifyResult::sentence).collect(Collectors.joining("; ")),
                switch (repair) {
                    case NONE ->
                        "the keys are in " + report + "; 'repair plan' writes the statements, 'repair apply' repairs.";
                    case PLAN -> "keys and statements are in " + report + "; 'repair apply' repairs.";
                    case APPLY -> "somebody writes those rows on the target, or its triggers do; see " + report + ".";
                }));
    }
}
