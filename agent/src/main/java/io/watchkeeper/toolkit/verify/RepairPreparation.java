package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyOptions;
import io.watchkeeper.toolkit.copy.CopyPlan;
import io.watchkeeper.toolkit.copy.CopyPreparation;
import io.watchkeeper.toolkit.copy.CopyStrategy;
import io.watchkeeper.toolkit.copy.PreparedCopy;
import io.watchkeeper.toolkit.copy.ServerPair;
import io.watchkeeper.toolkit.copy.StreamedTable;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Refuses repairs that could not be carried out, before anything is compared. */
final class RepairPreparation {

    private RepairPreparation() {}

    /**
     * The repair as a copy of rows.
     *
     * @throws OperatorException when the target takes no writes, a subscription writes to the table, rights are missing, or values would not arrive unchanged
     */
    static PreparedCopy prepare(PreparedVerification verification, SessionPair pair) throws SQLException {
        VerifyPlan plan = verification.plan();
        StreamedTable.refuse(pair.target(), plan.to());
        ServerPair servers = ServerPair.read(pair.source(), pair.target());
        CopyOptions options = CopyOptions.DEFAULT
                .withStrategy(CopyStrategy.APPEND)
                .withColumns(plan.options().columns())
                .withWhere(plan.options().where());
        TableShape here = verification.here().shape();
        TableShape there = verification.there().shape();
        Database to = pair.target().database();
        PreparedCopy copy = new CopyPreparation(
                        new CopyPlan(plan.from(), plan.to(), options),
                        here,
                        there,
                        pair.source().database(),
                        to,
                        servers)
                .prepare(Set.of(there));
        requireAllColumns(copy, to);
        requireKeyWithoutNulls(verification);
        if (!there.may("DELETE")) {
            String user = to.settings().user();
            throw new OperatorException(
                    "role '" + user + "' lacks DELETE on " + there.name() + " in database '" + to.name()
                            + "', and a repair deletes rows before it writes them",
                    "GRANT DELETE ON " + there.name().quoted() + " TO " + Identifiers.quote(user) + ";");
        }
        if (!servers.silent()) {
            requireNoCascade(there, to);
        }
        return asMerge(copy);
    }

    /** Who names a key says that it tells rows apart; a null does not. */
    static void requireKeyWithoutNulls(PreparedVerification verification) {
        for (TableSide side : List.of(verification.here(), verification.there())) {
            for (ComparedColumn column : side.key()) {
                boolean notNull = side.shape()
                        .column(column.name())
                        .map(TableShape.Column::notNull)
                        .orElse(false);
                if (!notNull) {
                    throw new OperatorException(
                            "key column " + column.quoted() + " of "
                                    + side.shape().name() + " may be null, and a repair could not find such rows",
                            "ALTER TABLE " + side.shape().name().quoted() + " ALTER COLUMN " + column.quoted()
                                    + " SET NOT NULL; on both sides, or name another key.");
                }
            }
        }
    }

    /** Rows are deleted and written anew, and what is not compared would be lost. */
    private static void requireAllColumns(PreparedCopy copy, Database to) {
        List<String> lost = copy.target().columns().stream()
                .filter(column -> !column.generated() && !copy.columnNames().contains(column.name()))
                .map(TableShape.Column::name)
                .toList();
        if (!lost.isEmpty()) {
            throw new OperatorException(
                    "a repair of " + copy.target().name() + " in database '" + to.name()
                            + "' would lose the values of " + Identifiers.quoteAll(lost) + ", which "
                            + (lost.size() == 1 ? "is" : "are") + " not compared",
                    "compare all columns, or use repair plan, which updates only those that are compared.");
        }
    }

    /** Where triggers may not be kept silent, a deleted row would take along, or be kept by, those that refer to it. */
    private static void requireNoCascade(TableShape target, Database to) {
        List<String> referring = Stream.concat(target.referencedBy().stream(), target.foreignKeys().stream())
                .filter(foreign -> foreign.to().equals(target.name()))
                .filter(foreign -> !(foreign.deferrable() && foreign.onDelete().equals("a")))
                .map(foreign -> foreign.from().toString())
                .distinct()
                .toList();
        if (!referring.isEmpty()) {
            throw new OperatorException(
                    "a repair of " + target.name() + " in database '" + to.name()
                            + "' must delete rows and write them anew, and rows of " + String.join(", ", referring)
                            + " refer to them",
                    "from PostgreSQL 15 on: GRANT SET ON PARAMETER session_replication_role TO "
                            + Identifiers.quote(to.settings().user()) + ";");
        }
    }

    /** So that rows which refer to this table are looked at, too, before the commit: an append would not delete any. */
    private static PreparedCopy asMerge(PreparedCopy copy) {
        return new PreparedCopy(
                copy.plan().with(o -> o.withStrategy(CopyStrategy.MERGE)),
                copy.source(),
                copy.target(),
                copy.columns(),
                copy.format(),
                copy.emptying(),
                null,
                copy.silent(),
                copy.triggersToDisable(),
                copy.sameEncoding(),
                copy.chunking(),
                copy.notes());
    }
}
