package io.watchkeeper.toolkit.slo;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;

/**
 * What the server has counted of the database's transactions.
 *
 * @param since when it began to count; another moment, and nothing can be told from the difference
 * @param rolledBack by whomever, for whatever reason
 * @param aborted by the server: deadlocks, and queries of a standby that stood in the way of the log
 */
record ServerCounts(String since, long committed, long rolledBack, long aborted) {

    static ServerCounts read(Session session) throws SQLException {
        return session.one(
                "select coalesce(stats_reset::text, '') || ' ' || datid, xact_commit, xact_rollback, deadlocks + conflicts from pg_stat_database"
                        + " where datname = current_database()",
                row -> new ServerCounts(row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4)));
    }

    boolean goesOnFrom(ServerCounts before) {
        return since.equals(before.since)
                && committed >= before.committed
                && rolledBack >= before.rolledBack
                && aborted >= before.aborted;
    }
}
