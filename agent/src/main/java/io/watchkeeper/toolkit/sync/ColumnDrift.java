package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopiedColumn;
import java.util.List;

/** Notices columns of the source that were dropped or are of another type since the last round, before anything is applied. */
final class ColumnDrift {

    private ColumnDrift() {}

    /** @throws OperatorException when the target was not changed likewise */
    static void requireNone(PreparedSync sync, SyncState state, Session from, Session to) {
        String target = sync.target().name() + " in database '" + to.database().name() + "'";
        for (String before : state.columns()) {
            String name = nameOf(before);
            String type = before.substring(quoted(before).length() + 1);
            boolean there = sync.target().column(name).isPresent();
            if (sync.source().column(name).isEmpty() && there) {
                throw new OperatorException(
                        "column " + Identifiers.quote(name) + " of "
                                + sync.source().name() + " was dropped in database '"
                                + from.database().name() + "' since the last round, and " + target + " has it still",
                        "ALTER TABLE " + sync.target().name().quoted() + " DROP COLUMN " + Identifiers.quote(name)
                                + "; there, once nobody needs it, or name the columns to keep the same with columns.");
            }
            List<CopiedColumn> copied = sync.copy().columns().stream()
                    .filter(column -> column.name().equals(name))
                    .toList();
            if (!copied.isEmpty()
                    && !copied.get(0).from().text().equals(type)
                    && !copied.get(0).from().text().equals(copied.get(0).to().text())) {
                throw new OperatorException(
                        "column " + Identifiers.quote(name) + " of "
                                + sync.source().name() + " was " + type
                                + " at the last round, and is "
                                + copied.get(0).from().text() + " in database '"
                                + from.database().name() + "' now; " + target + " has it as "
                                + copied.get(0).to().text(),
                        "ALTER TABLE " + sync.target().name().quoted() + " ALTER COLUMN " + Identifiers.quote(name)
                                + " TYPE " + copied.get(0).from().text() + "; there.");
            }
        }
    }

    /** The quoted name a recorded column begins with. */
    private static String quoted(String column) {
        if (!column.startsWith("\"")) {
            return column.substring(0, column.indexOf(' '));
        }
        int end = 1;
        while (column.charAt(end) != '"' || (end + 1 < column.length() && column.charAt(end + 1) == '"')) {
            end += column.charAt(end) == '"' ? 2 : 1;
        }
        return column.substring(0, end + 1);
    }

    private static String nameOf(String column) {
        String quoted = quoted(column);
        return quoted.startsWith("\"")
                ? quoted.substring(1, quoted.length() - 1).replace("\"\"", "\"")
                : quoted;
    }
}
