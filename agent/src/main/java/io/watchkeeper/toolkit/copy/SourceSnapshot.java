package io.watchkeeper.toolkit.copy;

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
final class SourceSnapshot {

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
    static SourceSnapshot open(Session session, List<TableShape> tables, boolean nameObjectsFully) throws SQLException {
        session.begin();
        try {
            session.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; " + CopySql.lockSource(tables)
                    + "; " + CopySql.pinnedSettings(nameObjectsFully));
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

    Session session() {
        return session;
    }

    /** What fails after this can be undone without losing the view. */
    void mark() throws SQLException {
        session.update("SAVEPOINT watchkeeper");
    }

    /** Goes back to the mark. @return false when the view is lost */
    boolean backToMark() {
        try {
            session.update("ROLLBACK TO SAVEPOINT watchkeeper");
            return true;
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }

    void close() {
        session.rollback();
    }
}
