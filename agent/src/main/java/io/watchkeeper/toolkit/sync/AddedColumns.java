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
        boolean changed = false;
        if (!missing.isEmpty()) {
            if (!plan.options().followColumns()) {
                throw missing(missing, here, there, from, to);
            }
            if (!there.owned()) {
                throw new OperatorException(
                        "role '" + to.database().settings().user() + "' does not own " + there.name() + " in database '"
                                + to.database().name() + "', and only its owner adds columns",
                        "as its owner: " + statement(there, missing) + ";");
            }
            to.runVerbatim(statement(there, missing));
            changed = true;
            LOG.info("added to {} in '{}': {}", there.name(), to.database().name(), statement(there, missing));
        }
        List<String> notes = List.of();
        if (plan.options().sourceXmin()
                && there.kind().holdsRows()
                && here.kind().holdsRows()
                && !SyncPreparation.hasNoKey(plan, there)) {
            SourceXmin.use(plan, here, there, to);
            if (SourceXmin.isMissing(plan, there)) {
                SourceXmin.add(there, to);
                changed = true;
                LOG.info("added to {} in '{}': {}", there.name(), to.database().name(), SourceXmin.COLUMN);
            }
            notes = SourceXmin.index(there, to);
        }
        TableShape target = changed ? TableShape.read(to, plan.to()) : there;
        return SyncPreparation.prepare(plan, from, to, ServerPair.read(from, to), here, target)
                .noting(notes);
    }

    /** Prepares a round without changing anything. @throws OperatorException when columns are missing */
    static PreparedSync prepare(SyncPlan plan, Session from, Session to) throws SQLException {
        TableShape here = TableShape.read(from, plan.from());
        TableShape there = TableShape.read(to, plan.to());
        List<TableShape.Column> missing = missing(plan, here, there);
        if (!missing.isEmpty()) {
            throw missing(missing, here, there, from, to);
        }
        return SyncPreparation.prepare(plan, from, to, ServerPair.read(from, to), here, there);
    }

    private static OperatorException missing(
            List<TableShape.Column> missing, TableShape here, TableShape there, Session from, Session to) {
        return new OperatorException(
                there.name() + " in database '" + to.database().name() + "' has no column "
                        + missing.stream()
                                .map(column -> Identifiers.quote(column.name()))
                                .collect(Collectors.joining(", "))
                        + ", which " + here.name() + " of '"
                        + from.database().name() + "' has",
                statement(there, missing)
                        + "; there, or have it done: followColumns true; or name the columns to keep the same with columns.");
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
