package io.watchkeeper.toolkit.maintenance;

import java.util.List;

/**
 * What VACUUM did.
 *
 * @param tables one per table, in the order of the work
 */
public record VacuumResult(List<VacuumedTable> tables) {
    public VacuumResult {
        tables = List.copyOf(tables);
    }

    public long bytesReclaimed() {
        return tables.stream().mapToLong(VacuumedTable::bytesReclaimed).sum();
    }
}
