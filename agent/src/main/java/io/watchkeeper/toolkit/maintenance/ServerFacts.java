package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;

/**
 * What a server says of itself that maintenance depends on.
 *
 * @param version for example 150018
 * @param standby whether it takes no writes
 * @param pid of the session that asked
 * @param freezeMaxAge from which age on autovacuum freezes a table whatever else is set
 * @param multixactFreezeMaxAge the same of multixacts
 * @param statementTimeout of the session, as the server writes it
 */
record ServerFacts(
        int version, boolean standby, int pid, long freezeMaxAge, long multixactFreezeMaxAge, String statementTimeout) {

    private static final int FIRST_WITH_MAINTAIN = 170_000;
    private static final int FIRST_WITH_SHARED_STATISTICS = 150_000;

    static ServerFacts read(Session session) throws SQLException {
        return session.one(
                """
                select current_setting('server_version_num')::int, pg_is_in_recovery(), pg_backend_pid(),
                       current_setting('autovacuum_freeze_max_age')::bigint,
                       current_setting('autovacuum_multixact_freeze_max_age')::bigint, current_setting('statement_timeout')""",
                row -> new ServerFacts(
                        row.getInt(1),
                        row.getBoolean(2),
                        row.getInt(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getString(6)));
    }

    /** Whether a right of its own allows VACUUM and ANALYZE; before that the table's owner has it, and the database's. */
    boolean hasMaintainRight() {
        return version >= FIRST_WITH_MAINTAIN;
    }

    /** Whether a table's statistics are true at once; before that a process of its own writes them, half a second later. */
    boolean countsAtOnce() {
        return version >= FIRST_WITH_SHARED_STATISTICS;
    }

    /** @param what cannot be done there: {@code VACUUM} */
    void requirePrimary(Session session, String what) {
        if (standby) {
            String name = session.database().name();
            String primary = session.database().settings().standbyOf();
            throw new OperatorException(
                    what + " cannot run in database '" + name + "', which is a standby",
                    primary == null
                            ? "run it on the primary; the standby gets what it does through the log."
                            : "run it on '" + primary + "'; the standby gets what it does through the log.");
        }
    }
}
