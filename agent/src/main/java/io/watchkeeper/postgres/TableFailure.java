package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Why one table of several could not be worked on. */
public record TableFailure(TableName table, Exception cause) {

    /**
     * All failures as one that names every table; empty when there is none. It is worth another attempt when one of them is.
     *
     * @param total how many tables there were
     * @param happened in the past, for example {@code copied}
     */
    public static Optional<OperatorException> combine(List<TableFailure> failures, long total, String happened) {
        if (failures.isEmpty()) {
            return Optional.empty();
        }
        if (failures.size() == 1 && failures.get(0).cause() instanceof OperatorException only) {
            return Optional.of(only);
        }
        Map<Exception, List<String>> tables = new LinkedHashMap<>();
        failures.forEach(
                f -> tables.computeIfAbsent(f.cause, c -> new ArrayList<>()).add(f.table.toString()));
        long failed = failures.stream().map(TableFailure::table).distinct().count();
        String message = failed + " of " + total + " tables were not " + happened + ": "
                + tables.entrySet().stream()
                        .map(e -> String.join(", ", e.getValue()) + " ("
                                + e.getKey().getMessage() + ")")
                        .collect(Collectors.joining("; "));
        return Optional.of(new OperatorException(message, hint(failures), cause(failures)));
    }

    private static String hint(List<TableFailure> failures) {
        for (TableFailure failure : failures) {
            if (failure.cause instanceof OperatorException e && e.hint() != null) {
                return failures.size() == 1 ? e.hint() : failure.table + ": " + e.hint();
            }
        }
        return "the other tables are done; run it again for these once the cause is gone.";
    }

    private static Exception cause(List<TableFailure> failures) {
        return failures.stream()
                .map(TableFailure::cause)
                .filter(e -> FailureClass.of(e) == FailureClass.RETRYABLE)
                .findFirst()
                .orElse(failures.get(0).cause);
    }
}
