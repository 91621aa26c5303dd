package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to migrate databases: an advisory lock in each, which is a session's of its own. It ends with the process, however that ends.
 */
final class MigrationTurn implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MigrationTurn.class);
    private static final String KEY = "hashtext('watchkeeper migrate')";

    private final List<Session> sessions = new ArrayList<>();

    private MigrationTurn() {}

    /** @throws MigrationRunsException when somebody has it in one of them; none is kept then */
    static MigrationTurn take(List<Database> databases, Work work) throws SQLException {
        MigrationTurn turn = new MigrationTurn();
        try {
            for (Database database : databases) {
                Session session = database.open(work);
                turn.sessions.add(session);
                if (!session.one("select pg_try_advisory_lock(" + KEY + ", 0)", row -> row.getBoolean(1))) {
                    throw taken(database.name());
                }
            }
            return turn;
        } catch (SQLException | RuntimeException e) {
            turn.close();
            throw e;
        }
    }

    static boolean isTaken(Session session) throws SQLException {
        return session.one("""
                select exists (select from pg_locks l join pg_database d on d.oid = l.database
                                where l.locktype = 'advisory' and d.datname = current_database() and l.granted
                                  and l.objsubid = 2 and l.objid = 0 and l.classid::bigint = (%s::bigint & 4294967295))""".formatted(KEY), row -> row.getBoolean(1));
    }

    static MigrationRunsException taken(String database) {
        return new MigrationRunsException(
                "a migration of database '" + database + "' runs already",
                "wait for its end: 'watchkeeper history migrate' shows it.");
    }

    @Override
    public void close() {
        for (Session session : sessions) {
            try {
                session.close();
            } catch (SQLException e) {
                // The server gives the lock back when it notices that the connection is gone.
                LOG.debug("a session on {} was lost: {}", session.database().name(), e.getMessage());
            }
        }
    }
}
