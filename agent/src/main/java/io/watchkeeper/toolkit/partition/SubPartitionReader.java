package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads how a partition is divided, so that the next one can be divided the same way. */
final class SubPartitionReader {

    private SubPartitionReader() {}

    static SubPartitions read(Session session, Partition partition) throws SQLException {
        return read(session, partition.oid(), partition.name().name());
    }

    private static SubPartitions read(Session session, long oid, String name) throws SQLException {
        String key = session.one("select pg_get_partkeydef(?::oid)", row -> row.getString(1), oid);
        List<String> columns = session.list(
                "select a.attname from pg_partitioned_table p join pg_attribute a on a.attrelid = p.partrelid"
                        + " and a.attnum = any (p.partattrs::int2[]) and a.attnum > 0 where p.partrelid = ?::oid",
                row -> row.getString(1),
                oid);
        record Child(long oid, String name, String bound, boolean divided) {}
        List<Child> children = session.list(
                """
                select c.oid::bigint, c.relname, pg_get_expr(c.relpartbound, c.oid), c.relkind = 'p'
                  from pg_inherits i join pg_class c on c.oid = i.inhrelid
                 where i.inhparent = ?::oid and not i.inhdetachpending order by c.relname""", row -> new Child(row.getLong(1), row.getString(2), row.getString(3), row.getBoolean(4)), oid);
        List<SubPartitions.Part> parts = new ArrayList<>();
        for (Child child : children) {
            String suffix = child.name().startsWith(name) && child.name().length() > name.length()
                    ? child.name().substring(name.length())
                    : "_" + (parts.size() + 1);
            parts.add(new SubPartitions.Part(
                    suffix,
                    child.bound(),
                    child.divided() ? List.of(read(session, child.oid(), child.name())) : List.of()));
        }
        return new SubPartitions(key, columns, parts);
    }

    /** The first table below the partition that holds rows; itself where there is none. */
    static long firstLeaf(Session session, long oid) throws SQLException {
        return session
                .list(
                        "select relid::oid::bigint from pg_partition_tree(?::oid::regclass) where isleaf order by level, relid limit 1",
                        row -> row.getLong(1),
                        oid)
                .stream()
                .findFirst()
                .orElse(oid);
    }
}
