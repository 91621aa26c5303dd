package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/** One agent at a time fills a table in several transactions, or keeps it the same as another: it holds an advisory lock. */
public final class FillLock {

    private FillLock() {}

    /** The lock's number, of a table's quoted name that is bound. */
    static final String NUMBER = "hashtextextended('watchkeeper copy ' || ?::text, 0)";

    /**
     * Takes the table for this session, until it is closed.
     *
     * @throws OperatorException when another one has it
     */
    public static void take(Session target, TableName table, String hint) throws SQLException {
        boolean taken =
                target.one("select pg_try_advisory_lock(" + NUMBER + ")", row -> row.getBoolean(1), table.quoted());
        if (!taken) {
            throw new OperatorException(
                    table + " in database '" + target.database().name() + "' is being filled by "
                            + holder(target, table),
                    hint);
        }
    }

    private static String holder(Session target, TableName table) throws SQLException {
        List<String> holders = target.list("""
                select a.application_name || ' (pid ' || a.pid || ')' from pg_locks l join pg_stat_activity a using (pid)
                 where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                   and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('watchkeeper copy ' || ?::text, 0)""", row -> row.getString(1), table.quoted());
        return holders.isEmpty() ? "another agent" : holders.get(0);
    }
}
