package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.TableName;
import java.util.ArrayList;
import java.util.List;

/** The statement that vacuums a table. */
final class VacuumSql {

    private VacuumSql() {}

    static String of(VacuumHow how, TableName table) {
        List<String> options = new ArrayList<>();
        if (how.full()) {
            options.add("FULL");
        }
        if (how.freeze()) {
            options.add("FREEZE");
        }
        if (how.analyze()) {
            options.add("ANALYZE");
        }
        if (how.parallel() != null && !how.full()) {
            options.add("PARALLEL " + how.parallel());
        }
        if (how.skipLocked()) {
            options.add("SKIP_LOCKED");
        }
        return "VACUUM " + (options.isEmpty() ? "" : "(" + String.join(", ", options) + ") ") + table.quoted();
    }
}
