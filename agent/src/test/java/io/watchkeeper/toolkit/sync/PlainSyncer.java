package io.watchkeeper.toolkit.sync;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A syncer in plain SQL, to try the campaign itself with: one snapshot, one transaction on the target that moves the watermark too, a
 * comparison of all keys for what was deleted, and a target without the second unique constraint.
 */
abstract class PlainSyncer implements RoundSyncer {

    /** The condition on rows to bring. @param last the largest xmin that was seen; -1 before the first round */
    abstract String newRows(long last);

    @Override
    public String sync(String sourceUrl, String targetUrl, @Nullable String snapshot) throws Exception {
        try (Connection source = DriverManager.getConnection(sourceUrl, "postgres", "");
                Connection target = DriverManager.getConnection(targetUrl, "postgres", "");
                Statement from = source.createStatement();
                Statement to = target.createStatement()) {
            to.execute(
                    "create table if not exists max_xmin (last bigint); alter table t drop constraint if exists t_v_key");
            source.setAutoCommit(false);
            from.execute("set transaction isolation level repeatable read, read only");
            if (snapshot != null) {
                from.execute("set transaction snapshot '" + snapshot + "'");
            }
            from.execute("lock table t in access share mode");
            target.setAutoCommit(false);
            long last = number(to, "select coalesce(max(last), -1) from max_xmin");
            long highest = number(from, "select coalesce(max(xmin::text::bigint), -1) from t");
            to.execute("create temp table changed on commit drop as select * from t with no data;"
                    + " create temp table keys (id bigint) on commit drop");
            pump(source, "select * from t where " + newRows(last), target, "changed");
            pump(source, "select id from t", target, "keys");
            to.execute("delete from t where id not in (select id from keys);"
                    + " delete from t where id in (select id from changed); insert into t select * from changed;"
                    + " truncate max_xmin; insert into max_xmin values (" + Math.max(last, highest) + ")");
            target.commit();
            source.rollback();
            return getClass().getSimpleName();
        }
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void pump(Connection source, String query, Connection target, String table) throws Exception {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        source.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (" + query + ") to stdout", rows);
        target.unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + table + " from stdin", new ByteArrayInputStream(rows.toByteArray()));
    }

    @Override
    public void close() {}
}
