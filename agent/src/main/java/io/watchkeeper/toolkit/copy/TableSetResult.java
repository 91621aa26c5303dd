package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the copy of several tables did.
 *
 * @param results one per table that was copied, in the order of copying
 * @param failures one per table that was not; their rows in the target are as they were
 */
public record TableSetResult(List<CopyResult> results, List<Failure> failures) {

    /** Why one table was not copied. */
    public record Failure(TableName table, Exception cause) {}

    public TableSetResult {
        results = List.copyOf(results);
        failures = List.copyOf(failures);
    }

    public long rowsWritten() {
        return results.stream().mapToLong(CopyResult::rowsWritten).sum();
    }

    /** The failures as one that names every table; empty when all went well. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        if (failures.isEmpty()) {
            return Optional.empty();
        }
        Map<Exception, List<String>> byCause = new LinkedHashMap<>();
        failures.forEach(f -> byCause.computeIfAbsent(f.cause(), c -> new ArrayList<>())
                .add(f.table().toString()));
        Failure first = failures.get(0);
        if (failures.size() == 1 && first.cause() instanceof OperatorException only) {
            return Optional.of(only);
        }
        long tables = failures.stream().map(Failure::table).distinct().count();
        String message = tables + " of " + (results.size() + tables) + " tables were not copied: "
                + byCause.entrySet().stream()
                        .map(e -> String.join(", ", e.getValue()) + " ("
                                + e.getKey().getMessage() + ")")
                        .collect(Collectors.joining("; "));
        String hint = failures.stream()
                .map(Failure::cause)
                .filter(OperatorException.class::isInstance)
                .map(e -> ((OperatorException) e).hint())
                .filter(h -> h != null)
                .findFirst()
                .orElse("the other tables are done; copy these again once the cause is gone.");
        // Worth another attempt when one of the tables is.
        Exception cause = failures.stream()
                .map(Failure::cause)
                .filter(e -> FailureClass.of(e) == FailureClass.RETRYABLE)
                .findFirst()
                .orElse(first.cause());
        return Optional.of(new OperatorException(message, hint, cause));
    }
}
