package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/**
 * One view of the source for all that is read from it: rows and checksums of every table of one transaction, however long that
 * takes and whatever is written meanwhile.
 */
public final class SourceSnapshot {

    /** What fails later is undone up to here, without losing the view. */
    private static final String MARK = "SAVEPOINT watchkeeper";

    private final Session session;

    private SourceSnapshot(Session session) {
        this.session = session;
    }

    /**
     * Opens the view. The lock comes before the first query: a snapshot older than a TRUNCATE or a rewrite would see an empty
     * table.
     *
     * @throws io.watchkeeper.problem.OperatorException when a table stays locked
     */
    public static SourceSnapshot open(Session session, List<TableShape> tables, boolean nameObjectsFully)
            throws SQLException {
        session.begin();
        return begin(session, "", "", tables, nameObjectsFully);
    }

    /** Closes this view and opens another one, in one round trip. */
    public SourceSnapshot next(List<TableShape> tables, boolean nameObjectsFully) throws SQLException {
        return begin(session, "ROLLBACK; BEGIN; ", "", tables, nameObjectsFully);
    }

    /**
     * Opens the view that another session {@linkplain #export exported}, while that session has it open.
     *
     * @throws SQLException among others when that view is not open any more
     */
    public static SourceSnapshot join(
            Session session, String exported, List<TableShape> tables, boolean nameObjectsFully) throws SQLException {
        session.begin();
        String share = "; SET TRANSACTION SNAPSHOT " + Identifiers.quoteLiteral(exported);
        return begin(session, "", share, tables, nameObjectsFully);
    }

    private static SourceSnapshot begin(
            Session session, String before, String share, List<TableShape> tables, boolean nameObjectsFully)
            throws SQLException {
        try {
            session.update(before + "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY" + share + "; "
                    + CopySql.lockSource(tables) + "; " + CopySql.pinnedSettings(nameObjectsFully) + "; "
                    + CopySql.unhurriedReader() + "; " + MARK);
            ShapeCheck.require(session, tables);
            return new SourceSnapshot(session);
        } catch (OperatorException e) {
            session.rollback();
            throw e;
        } catch (SQLException e) {
            session.rollback();
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw TableLocks.explain(
                        session, tables.stream().map(TableShape::name).toList(), e);
            }
            if (SqlStates.UNDEFINED_TABLE.equals(e.getSQLState())) {
                throw ShapeCheck.dropped(session, tables, e);
            }
            throw e;
        }
    }

    /**
     * Lets other sessions {@linkplain #join see the same}. Only on a primary: a standby may show a snapshot that was carried over
     * to another session less than was committed.
     */
    public String export() throws SQLException {
        // Not possible below a savepoint.
        session.update("RELEASE SAVEPOINT watchkeeper");
        return session.lists(List.of("select pg_export_snapshot()", MARK), row -> row.getString(1))
                .get(0)
                .get(0);
    }

    public Session session() {
        return session;
    }

    /** Undoes what failed since the view was opened. @return false when the view is lost */
    public boolean backToMark() {
        try {
            session.update("ROLLBACK TO SAVEPOINT watchkeeper");
            return true;
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }

    public void close() {
        session.rollback();
    }
}
