package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.ServerPair;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Columns that the source has and the target lacks. */
final class AddedColumns {

    private static final Logger LOG = LoggerFactory.getLogger(AddedColumns.class);

    private AddedColumns() {}

    /** Prepares a round; adds missing columns to the target first, if that is asked for. */
    static PreparedSync follow(SyncPlan plan, Session from, Session to) throws SQLException {
        TableShape here = TableShape.read(from, plan.from());
        TableShape there = TableShape.read(to, plan.to());
        List<TableShape.Column> missing = missing(plan, here, there);
        if (missing.isEmpty()) {
            return SyncPreparation.prepare(plan, from, to, ServerPair.read(from, to), here, there);
        }
        if (!plan.options().followColumns()) {
            throw new OperatorException(
                    there.name() + " in database '" + to.database().name() + "' has no column "
                            + missing.stream()
                                    .map(column -> Identifiers.quote(column.name()))
                                    .collect(Collectors.joining(", "))
                            + ", which " + here.name() + " of '"
                            + from.database().name() + "' has",
                    statement(there, missing)
                            + "; there, or have it done: followColumns true; or name the columns to keep the same with columns.");
        }
        to.runVerbatim(statement(there, missing));
        LOG.info("added to {} in '{}': {}", there.name(), to.database().name(), statement(there, missing));
        return SyncPreparation.prepare(plan, from, to, ServerPair.read(from, to), here, TableShape.read(to, plan.to()));
    }

    static List<TableShape.Column> missing(SyncPlan plan, TableShape here, TableShape there) {
        if (!plan.options().columns().isEmpty()
                || !there.kind().holdsRows()
                || !here.kind().holdsRows()) {
            return List.of();
        }
        return here.columns().stream()
                .filter(column -> there.column(column.name()).isEmpty())
                .toList();
    }

    /** Without a default and without NOT NULL: the rows that are there get their values in the round. */
    static String statement(TableShape there, List<TableShape.Column> missing) {
        return "ALTER TABLE " + there.name().quoted() + " "
                + missing.stream()
                        .map(column -> "ADD COLUMN " + Identifiers.quote(column.name()) + " "
                                + column.type().text())
                        .collect(Collectors.joining(", "));
    }
}
