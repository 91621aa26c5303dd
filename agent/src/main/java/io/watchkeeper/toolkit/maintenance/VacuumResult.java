package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.Optional;

/**
 * What VACUUM did.
 *
 * @param tables one per table, in the order of the work, those that were not due last
 * @param failures one per table that could not be vacuumed
 * @param heldBack who keeps dead rows that VACUUM found and may not remove, the oldest first; empty when none were left
 */
public record VacuumResult(List<VacuumedTable> tables, List<TableFailure> failures, List<XminHolder> heldBack) {

    public VacuumResult {
        tables = List.copyOf(tables);
        failures = List.copyOf(failures);
        heldBack = List.copyOf(heldBack);
    }

    public long bytesReclaimed() {
        return tables.stream().mapToLong(VacuumedTable::bytesReclaimed).sum();
    }

    /** How many tables were vacuumed. */
    public long vacuumed() {
        return tables.stream().filter(table -> table.skipped() == null).count();
    }

    /** Tables that were due and were left out or stopped: in use, or the time was over. */
    public List<VacuumedTable> leftOut() {
        return tables.stream()
                .filter(table -> table.due() && table.skipped() != null)
                .toList();
    }

    /** In one line. */
    public String words() {
        long due = tables.stream().filter(VacuumedTable::due).count() + failures.size();
        return vacuumed() + " of " + (tables.size() + failures.size()) + " tables vacuumed, " + due + " were due"
                + (leftOut().isEmpty() ? "" : ", " + leftOut().size() + " left out");
    }

    /** The failures as one that names every table; empty when all went well. To be thrown after the results are recorded. */
    public Optional<OperatorException> failure() {
        return TableFailure.combine(failures, tables.size() + failures.size(), "vacuumed");
    }
}
