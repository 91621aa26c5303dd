package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.ReviewFinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What was done for the partitions of tables.
 *
 * @param tables one per table, sorted by name, also of those that failed in the middle
 * @param failures what could not be done; several may be of one table
 */
public record UpkeepResult(List<TableUpkeep> tables, List<TableFailure> failures) {

    public UpkeepResult {
        tables = List.copyOf(tables);
        failures = List.copyOf(failures);
    }

    /** Names of new partitions. */
    public List<String> created() {
        return names(TableUpkeep::created);
    }

    /** Names of partitions that are tables of their own now. */
    public List<String> detached() {
        return names(TableUpkeep::detached);
    }

    /** Names of partitions that are in the archive and no longer in the database. */
    public List<String> archived() {
        return names(TableUpkeep::archived);
    }

    /** Names of partitions that are gone with their rows. */
    public List<String> dropped() {
        return names(TableUpkeep::dropped);
    }

    public long movedRows() {
        return tables.stream().mapToLong(TableUpkeep::movedRows).sum();
    }

    /** What is not as it should be and did not fail. */
    public List<ReviewFinding> findings() {
        List<ReviewFinding> all = new ArrayList<>();
        tables.forEach(table -> all.addAll(table.findings()));
        return all;
    }

    private List<String> names(Function<TableUpkeep, List<TableName>> which) {
        return tables.stream()
                .flatMap(table -> which.apply(table).stream())
                .map(TableName::toString)
                .toList();
    }

    /** The failures as one that names every table; empty when all went well. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        return TableFailure.combine(failures, tables.size(), "looked after");
    }
}
