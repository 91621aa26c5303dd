package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;

/**
 * The right to work on a table's indexes: an advisory lock on it, which is the session's. It ends when the server notices that the agent
 * is gone, and with it the statement that the agent was at.
 */
public final class TableTurn {

    private static final String TAKE = "select pg_try_advisory_lock(hashtext('watchkeeper rebuild'), ?::oid::int4)";
    private static final String GIVE_BACK = "select pg_advisory_unlock(hashtext('watchkeeper rebuild'), ?::oid::int4)";

    private TableTurn() {}

    /** Makes this session the only one that works on the table's indexes, until it is closed. @return false when another one does */
    public static boolean take(Session session, long tableId) throws SQLException {
        return session.one(TAKE, row -> row.getBoolean(1), tableId);
    }

    static void giveBack(Session session, long tableId) throws SQLException {
        session.query(GIVE_BACK, tableId);
    }
}
