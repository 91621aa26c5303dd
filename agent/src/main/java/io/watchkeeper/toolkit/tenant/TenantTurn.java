package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;

/** That nobody else moves or drops the same tenant meanwhile. The session holds it, and so it ends with the process that had it. */
final class TenantTurn {

    private static final String KEY = "hashtext('watchkeeper tenant'), hashtext(?)";

    private TenantTurn() {}

    /** Takes it until the session is closed. @throws OperatorException when somebody else has it */
    static void take(Session session, TenantId id) throws SQLException {
        if (!tryTake(session, id)) {
            throw new OperatorException(
                    "tenant '" + id + "' is being moved or dropped by another run",
                    "wait for it: SELECT pid, application_name FROM pg_stat_activity WHERE pid IN (SELECT pid FROM pg_locks"
                            + " WHERE locktype = 'advisory'); shows who it is.");
        }
    }

    static boolean tryTake(Session session, TenantId id) throws SQLException {
        return session.one("select pg_try_advisory_lock(" + KEY + ")", row -> row.getBoolean(1), id.text());
    }

    /** Whether somebody has it now, asked inside a transaction. */
    static boolean isTaken(Session session, TenantId id) throws SQLException {
        return !session.one("select pg_try_advisory_xact_lock(" + KEY + ")", row -> row.getBoolean(1), id.text());
    }
}
