package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.Array;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a table's changes name the row they change.
 *
 * @param full whether by all of its columns
 * @param columns of the index they name it by; empty when there is none
 * @param logged whether the table's changes reach the log at all
 */
record ReplicaIdentity(boolean full, List<String> columns, boolean logged) {

    /** Without one the server refuses every UPDATE and DELETE of a published table. */
    boolean isMissing() {
        return !full && columns.isEmpty();
    }

    /** Of each of the tables; those that do not exist are left out. */
    static Map<TableName, ReplicaIdentity> read(Session session, List<TableName> tables) throws SQLException {
        Map<TableName, ReplicaIdentity> identities = new TreeMap<>();
        session.list(
                """
                select n.nspname, c.relname, c.relreplident = 'f', c.relpersistence = 'p',
                       array(select a.attname from pg_index i
                               join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
                              where i.indrelid = c.oid and i.indisvalid
                                and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident
                                    else false end
                              order by a.attnum)::text[]
                  from unnest(?::text[], ?::text[]) w(s, t) join pg_namespace n on n.nspname = w.s
                  join pg_class c on c.relnamespace = n.oid and c.relname = w.t""",
                row -> identities.put(
                        new TableName(row.getString(1), row.getString(2)),
                        new ReplicaIdentity(row.getBoolean(3), texts(row.getArray(5)), row.getBoolean(4))),
                tables.stream().map(TableName::schema).toList(),
                tables.stream().map(TableName::name).toList());
        return identities;
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }
}
