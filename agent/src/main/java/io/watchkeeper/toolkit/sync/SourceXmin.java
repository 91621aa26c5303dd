package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyFailure;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The column of the target in which the agent keeps, for each row, the transaction of the source that wrote it. No round goes by it, and
 * it is no part of what is compared. What it says is true or nothing: a round that does not keep it empties it in the rows it writes.
 */
final class SourceXmin {

    static final String COLUMN = "source_xmin";

    /** How a round treats the column. */
    enum Use {
        /** It is not there, or somebody else's. */
        NONE,
        /** It is filled. */
        KEPT,
        /** It is there from earlier, and not filled any more. */
        LEFT
    }

    private static final String MARK =
            "the source's transaction that wrote the row; kept by Watchkeeper (sourceXmin true)";
    private static final int MAX_NAME = 63;

    private SourceXmin() {}

    /** What becomes of the column in a round. @throws OperatorException when it cannot be kept */
    static Use use(SyncPlan plan, TableShape here, TableShape there, Session to) throws SQLException {
        boolean onSource = here.column(COLUMN).isPresent();
        TableShape.@Nullable Column column = there.column(COLUMN).orElse(null);
        if (!plan.options().sourceXmin()) {
            return column != null && !onSource && isMarked(to, there.name()) ? Use.LEFT : Use.NONE;
        }
        if (onSource) {
            throw new OperatorException(
                    here.name() + " has a column " + COLUMN
                            + " of its own, and sourceXmin would keep something else in the target's",
                    "sourceXmin false, or rename the column on both sides.");
        }
        if (column != null && (!isBigint(column.type()) || column.notNull() || column.generated())) {
            throw new OperatorException(
                    there.name() + " in database '" + to.database().name() + "' has a column " + COLUMN
                            + " in which no transactions can be kept: it is " + column.type()
                            + (column.generated()
                                    ? ", and computed"
                                    : column.notNull() ? ", and must not be null" : ""),
                    "rename it there, or sourceXmin false.");
        }
        return column == null ? Use.NONE : Use.KEPT;
    }

    private static boolean isBigint(ColumnType type) {
        return type.builtIn() && type.name().equals("int8");
    }

    private static boolean isMarked(Session to, TableName table) throws SQLException {
        return to.one("""
                select coalesce((select col_description(a.attrelid, a.attnum) = ? from pg_attribute a
                                  where a.attrelid = to_regclass(?) and a.attname = ?), false)""", row -> row.getBoolean(1), MARK, table.quoted(), COLUMN);
    }

    /** Whether the plan wants the column, and the target lacks it. */
    static boolean isMissing(SyncPlan plan, TableShape there) {
        return plan.options().sourceXmin()
                && there.kind().holdsRows()
                && there.column(COLUMN).isEmpty();
    }

    static String addColumn(TableShape there) {
        return "ALTER TABLE " + there.name().quoted() + " ADD COLUMN " + COLUMN + " bigint; COMMENT ON COLUMN "
                + there.name().quoted() + "." + COLUMN + " IS " + Identifiers.quoteLiteral(MARK);
    }

    /** Adds the column where it is missing; that rewrites nothing. Outside of any transaction. */
    static void add(TableShape there, Session to) throws SQLException {
        if (!there.owned()) {
            throw new OperatorException(
                    there.name() + " in database '" + to.database().name() + "' has no column " + COLUMN
                            + ", and role '" + to.database().settings().user()
                            + "', which does not own the table, cannot add it",
                    "as its owner: " + addColumn(there) + "; or sourceXmin false.");
        }
        try {
            to.runVerbatim(addColumn(there));
        } catch (SQLException e) {
            if (FailureClass.sqlState(e).orElse("").equals(SqlStates.LOCK_NOT_AVAILABLE)) {
                throw TableLocks.explain(to, List.of(there.name()), e);
            }
            throw e;
        }
    }

    /** The tables that hold rows: an index over a partitioned table cannot be made while others write. */
    static List<TableName> indexed(TableShape there) {
        return there.isPartitioned()
                ? there.leaves().stream().map(TableShape.Leaf::name).toList()
                : List.of(there.name());
    }

    static TableName index(TableName table) {
        String ending = "_source_xmin_watchkeeper";
        String name = table.name();
        if ((name + ending).getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            name = "t_" + Integer.toHexString(name.hashCode());
        }
        return new TableName(table.schema(), name + ending);
    }

    static String createIndex(TableName table) {
        return "CREATE INDEX CONCURRENTLY " + Identifiers.quote(index(table).name()) + " ON " + table.quoted() + " ("
                + COLUMN + ")";
    }

    /**
     * Makes the index where none begins with the column, while others read and write, and outside of any transaction. If that is
     * interrupted, an invalid index of its name is left behind, which the next round drops first.
     *
     * @return why it could not be made; no reason to do without the round
     */
    static List<String> index(TableShape there, Session to) throws SQLException {
        List<String> notes = new ArrayList<>();
        for (TableName table : indexed(there)) {
            if (hasIndex(to, table)) {
                continue;
            }
            if (!there.owned()) {
                notes.add(COLUMN + " of " + table + " has no index, which only the table's owner can make: "
                        + createIndex(table));
                continue;
            }
            try {
                to.runVerbatim(
                        "DROP INDEX CONCURRENTLY IF EXISTS " + index(table).quoted());
                to.runVerbatim(createIndex(table));
            } catch (SQLException e) {
                if (FailureClass.sqlState(e).orElse("").matches("08.*|57P.*")) {
                    throw e; // the session is lost
                }
                notes.add("the index of " + COLUMN + " of " + table + " was not made, the next round tries again: "
                        + CopyFailure.words(e));
            }
        }
        return notes;
    }

    private static boolean hasIndex(Session to, TableName table) throws SQLException {
        return to.one("""
                select exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                                where i.indrelid = to_regclass(?) and a.attname = ? and i.indisvalid and i.indpred is null)""", row -> row.getBoolean(1), table.quoted(), COLUMN);
    }

    /**
     * A row's xmin on the source with all 64 bits: the newest transaction before the view's end that has these 32. Numbers below 3 are no
     * transactions, but say that the row is older than all of them.
     */
    static String onSource(SourceMark now) {
        String next = now.nextXid() + "::bigint";
        return "(CASE WHEN xmin::text::bigint < 3 THEN xmin::text::bigint ELSE " + next + " - ((" + next
                + " - xmin::text::bigint) & 4294967295) END)";
    }
}
