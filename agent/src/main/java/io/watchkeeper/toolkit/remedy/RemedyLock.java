package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The right to remedy a primary's replicas: an advisory lock there, which goes with its session. Such locks belong to a database, so
 * those of the server's other databases are looked at, too; two that begin there at the same moment may both stand back.
 */
final class RemedyLock implements AutoCloseable {

    private static final int CLASS = 0x7761746B;
    private static final int OBJECT = 0x72656D65;

    private final Session session;

    private RemedyLock(Session session) {
        this.session = session;
    }

    /** @return empty when somebody else has it */
    static Optional<RemedyLock> tryTake(Database primary, Work work) throws SQLException {
        Session session = primary.open(work);
        boolean taken = false;
        try {
            taken = session.one("select pg_try_advisory_lock(?, ?)", row -> row.getBoolean(1), CLASS, OBJECT)
                    && session.one("""
                            select not exists (
                                select from pg_locks where locktype = 'advisory' and classid = ? and objid = ? and objsubid = 2
                                   and granted and pid <> pg_backend_pid())""", row -> row.getBoolean(1), CLASS, OBJECT);
            return taken ? Optional.of(new RemedyLock(session)) : Optional.empty();
        } finally {
            if (!taken) {
                session.close();
            }
        }
    }

    /** The session that holds it; for looks at the primary. */
    Session session() {
        return session;
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
