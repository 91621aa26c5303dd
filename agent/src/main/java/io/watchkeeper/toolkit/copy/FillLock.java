package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** One agent at a time fills a table in several transactions, or keeps it the same as another: it holds an advisory lock. */
public final class FillLock {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private FillLock() {}

    /** The lock's number, of a table's quoted name that is bound. */
    static final String NUMBER = "hashtextextended('watchkeeper copy ' || ?::text, 0)";

    /**
     * Takes the table for this session, until it is closed.
     *
     * @throws OperatorException when another one has it
     */
    public static void take(Session target, TableName table, String hint) throws SQLException {
        take(target, table, hint, Duration.ZERO);
    }

    /** As {@link #take(Session, TableName, String)}, once it was waited for so long. */
    public static void take(Session target, TableName table, String hint, Duration patience) throws SQLException {
        long waitUntil = System.nanoTime() + patience.toNanos();
        boolean taken = tryTake(target, table);
        while (!taken && System.nanoTime() - waitUntil < 0) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            taken = tryTake(target, table);
        }
        if (!taken) {
            throw new OperatorException(
                    table + " in database '" + target.database().name() + "' is being filled by "
                            + holder(target, table),
                    hint);
        }
    }

    private static boolean tryTake(Session target, TableName table) throws SQLException {
        return target.one("select pg_try_advisory_lock(" + NUMBER + ")", row -> row.getBoolean(1), table.quoted());
    }

    private static String holder(Session target, TableName table) throws SQLException {
        List<String> holders = target.list("""
                select a.application_name || ' (pid ' || a.pid || ')' from pg_locks l join pg_stat_activity a using (pid)
                 where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                   and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('watchkeeper copy ' || ?::text, 0)""", row -> row.getString(1), table.quoted());
        return holders.isEmpty() ? "another agent" : holders.get(0);
    }
}
