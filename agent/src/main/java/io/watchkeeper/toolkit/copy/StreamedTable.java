package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Tells tables that a subscription writes to. Rows that somebody else brings there ahead of the stream stop it: its INSERT meets them,
 * and from then on its slot keeps log on the source's disk.
 */
public final class StreamedTable {

    private StreamedTable() {}

    /** Whether a subscription writes to any table of the database: the usual answer spares asking for each of many. */
    static boolean isAny(Session target) throws SQLException {
        return !target.list("select 1 from pg_subscription_rel limit 1", row -> 1)
                .isEmpty();
    }

    /** The subscription that writes to the table, its partitions or what it is a partition of, whether it is enabled or not. */
    public static Optional<String> subscription(Session target, TableName table) throws SQLException {
        // Up and down the partition tree, which pg_partition_tree would lock.
        return target.list("""
                with recursive up(oid) as (
                  select to_regclass(?)::oid union select i.inhparent from up join pg_inherits i on i.inhrelid = up.oid
                ), down(oid) as (
                  select to_regclass(?)::oid union select i.inhrelid from down join pg_inherits i on i.inhparent = down.oid
                )
                select s.subname::text from pg_subscription s join pg_subscription_rel r on r.srsubid = s.oid
                 where r.srrelid in (select oid from up union select oid from down) limit 1""", row -> row.getString(1), table.quoted(), table.quoted()).stream()
                .findFirst();
    }

    /** @throws StreamedTableException when a subscription writes to the table */
    public static void refuse(Session target, TableName table) throws SQLException {
        Optional<String> subscription = subscription(target, table);
        if (subscription.isPresent()) {
            throw new StreamedTableException(target.database().name(), table, subscription.get());
        }
    }
}
