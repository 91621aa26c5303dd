package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;

/**
 * The unique index a merge wants and the target does not have.
 *
 * <p>It is made while others read and write. If that is interrupted, an invalid index of its name stays behind; the name says
 * whose it is, and the next attempt drops it first.
 */
record MergeIndex(TableName table, TableName name, List<String> columns) {

    private static final int MAX_NAME = 63;

    static MergeIndex named(TableName table, List<String> columns) {
        String ending = "_watchkeeper_key";
        String name = table.name() + "_" + String.join("_", columns);
        if ((name + ending).getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            // Letters of names that are cut off may be all that tells two of them apart.
            name = "key_" + Integer.toHexString(name.hashCode());
        }
        return new MergeIndex(table, new TableName(table.schema(), name + ending), columns);
    }

    String create() {
        return "CREATE UNIQUE INDEX CONCURRENTLY " + Identifiers.quote(name.name()) + " ON " + table.quoted() + " ("
                + Identifiers.quoteAll(columns) + ")";
    }

    String drop() {
        return "DROP INDEX CONCURRENTLY IF EXISTS " + name.quoted();
    }

    /** Makes the index, outside of any transaction. */
    void make(Session target) throws SQLException {
        try {
            if (isInvalid(target)) {
                target.runVerbatim(drop());
            }
            target.runVerbatim(create());
        } catch (SQLException e) {
            dropLeftover(target);
            throw explain(target, e);
        }
    }

    private boolean isInvalid(Session target) throws SQLException {
        return target.one("""
                select exists (select from pg_index x join pg_class i on i.oid = x.indexrelid
                                 join pg_namespace n on n.oid = i.relnamespace
                                where n.nspname = ? and i.relname = ? and not x.indisvalid)""", row -> row.getBoolean(1), name.schema(), name.name());
    }

    private void dropLeftover(Session target) {
        try {
            if (isInvalid(target)) {
                target.runVerbatim(drop());
            }
        } catch (SQLException e) {
            // The next attempt drops it.
        }
    }

    private OperatorException explain(Session target, SQLException e) {
        String state = FailureClass.sqlState(e).orElse("");
        if (state.equals(SqlStates.LOCK_NOT_AVAILABLE)) {
            return TableLocks.explain(target, List.of(table), e);
        }
        String message = "the unique index over " + Identifiers.quoteAll(columns) + " of " + table + " in database '"
                + target.database().name() + "' could not be made: " + CopyFailure.words(e);
        String hint = state.equals("23505")
                ? "these columns do not tell its rows apart: name others with key, or remove the doubles."
                : null;
        return new OperatorException(message, hint, e);
    }
}
