package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.time.Duration;

/** Takes away what a pg_repack that died has left on a table: its trigger, which every write would fire for ever, its log and its copy. */
final class RepackSweep {

    /** What the record of one begins with. */
    static final String WHAT = "the repack of ";

    /** pg_repack's own lock on a table, as it takes it. */
    private static final String LOCK = "select pg_try_advisory_lock(16185446, (-2147483648 + ?::bigint)::int4)";

    private static final String UNLOCK = "select pg_advisory_unlock(16185446, (-2147483648 + ?::bigint)::int4)";

    /** Type, log, trigger and copy. */
    private static final int EVERYTHING = 4;

    private static final Duration BRIEFLY = Duration.ofMillis(500);

    private RepackSweep() {}

    /**
     * Takes it away unless somebody is at it.
     *
     * @return false when a pg_repack works on the table right now
     */
    static boolean clean(Session session, long tableId) throws SQLException {
        boolean left = session.one(
                "select exists (select from pg_extension where extname = 'pg_repack') and exists"
                        + " (select from pg_class where oid = ?::oid)",
                row -> row.getBoolean(1),
                tableId);
        if (!left) {
            return true;
        }
        if (!session.one(LOCK, row -> row.getBoolean(1), tableId)) {
            return false;
        }
        // It locks the table against everybody, and whoever comes meanwhile waits behind it.
        session.lockTimeout(BRIEFLY);
        try {
            session.query("select repack.repack_drop(?::oid, ?)", tableId, EVERYTHING);
        } finally {
            if (session.isUsable()) {
                session.lockTimeout(RebuildSweep.LOCK_TIMEOUT);
                session.query(UNLOCK, tableId);
            }
        }
        return true;
    }
}
