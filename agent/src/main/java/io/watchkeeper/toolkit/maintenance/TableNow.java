package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;

/**
 * What a table is like at this moment. Waits for the table's lock, as the statements of maintenance do.
 *
 * @param bytes on disk, with indexes and TOAST
 */
record TableNow(long bytes, long deadTuples, long xidAge, long multixactAge) {

    private static final String SQL = """
            select pg_total_relation_size(c.oid), pg_stat_get_dead_tuples(c.oid),
                   greatest(age(c.relfrozenxid), age(o.relfrozenxid))::bigint,
                   greatest(mxid_age(c.relminmxid), mxid_age(o.relminmxid))::bigint
              from pg_class c left join pg_class o on o.oid = c.reltoastrelid where c.oid = ?::regclass""";

    static TableNow read(Session session, TableName table) throws SQLException {
        return session.one(
                SQL,
                row -> new TableNow(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)),
                table.quoted());
    }
}
