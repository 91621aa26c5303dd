package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The database that a dump is restored into, as it is before.
 *
 * @param server a configured database of its server
 * @param name on the server
 * @param exists whether it is there
 * @param major the server's version
 * @param relations tables, views and sequences it has
 * @param schemas it has
 */
record RestoreTarget(
        Database server, String name, boolean exists, int major, Set<TableName> relations, Set<String> schemas) {

    /**
     * Looks at it.
     *
     * @param into a configured database's name, or a name on the server of the source
     * @throws OperatorException when its server cannot be reached or takes no writes
     */
    static RestoreTarget find(String into, Database source, Function<String, Optional<Database>> configured, Work work)
            throws SQLException {
        Optional<Database> known = configured.apply(into);
        Database server = known.orElse(source);
        String name = known.map(one -> OtherDatabase.name(one.settings())).orElse(into);
        record Server(boolean standby, int major, boolean exists) {}
        Server is = OtherDatabase.administer(
                server,
                work,
                session ->
                        session.one("""
                        select pg_is_in_recovery(), current_setting('server_version_num')::int / 10000,
                               exists (select from pg_database where datname = ?)""", row -> new Server(row.getBoolean(1), row.getInt(2), row.getBoolean(3)), name));
        if (is.standby()) {
            throw new OperatorException(
                    "the server of '" + server.name() + "' is a standby, which takes no writes",
                    "restore on its primary.");
        }
        if (!is.exists()) {
            return new RestoreTarget(server, name, false, is.major(), Set.of(), Set.of());
        }
        try (DatabasePools pools = OtherDatabase.on(server, name);
                Session session = pools.database(server.name()).open(work)) {
            List<TableName> relations = session.list("""
                    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_'
                       and n.nspname <> 'information_schema'""", row -> new TableName(row.getString(1), row.getString(2)));
            List<String> schemas = session.list("select nspname from pg_namespace", row -> row.getString(1));
            return new RestoreTarget(server, name, true, is.major(), new HashSet<>(relations), new HashSet<>(schemas));
        }
    }

    /** As messages call it. */
    String text() {
        return "'" + name + "' on the server of '" + server.name() + "'";
    }

    boolean has(DumpedRelation relation) {
        return relations.contains(relation.tableName());
    }

    /** Those of a dump that are there already, with the rows that would be lost, as the statistics estimate them. */
    Map<TableName, Long> lost(List<DumpedRelation> restored, Work work) throws SQLException {
        List<DumpedRelation> there = restored.stream().filter(this::has).toList();
        if (there.isEmpty()) {
            return Map.of();
        }
        Map<TableName, Long> lost = new TreeMap<>();
        try (DatabasePools pools = OtherDatabase.on(server, name);
                Session session = pools.database(server.name()).open(work)) {
            session.list(
                            """
                            select n.nspname, c.relname, greatest(c.reltuples, 0)::bigint
                              from unnest(?::text[], ?::text[]) w(s, t)
                              join pg_namespace n on n.nspname = w.s
                              join pg_class c on c.relnamespace = n.oid and c.relname = w.t""",
                            row -> Map.entry(new TableName(row.getString(1), row.getString(2)), row.getLong(3)),
                            there.stream().map(DumpedRelation::schema).toList(),
                            there.stream().map(DumpedRelation::name).toList())
                    .forEach(one -> lost.put(one.getKey(), one.getValue()));
        }
        return lost;
    }
}
