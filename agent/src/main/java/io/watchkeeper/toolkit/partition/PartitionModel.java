package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a table has that PostgreSQL does not give to a new partition by itself, as statements that give it to another table.
 *
 * @param unlogged whether its rows are not in the log
 * @param tablespace null for the database's own
 * @param settings storage parameters, statistics targets, own constraints and indexes: for tables that hold rows
 * @param access own triggers, row security, policies, rights
 * @param publications that name it
 * @param replicaIndex the index whose part is the replica identity, of the uppermost table that has it; 0 for none
 */
record PartitionModel(
        boolean unlogged,
        @Nullable String tablespace,
        List<String> settings,
        List<String> access,
        List<String> publications,
        long replicaIndex) {

    /** Stands for the new table's name in the statements; no name and no expression of SQL holds it. */
    private static final String NAME = "\u0001";

    /** What a model may keep to itself. */
    enum Kind {
        /** The partitioned table itself, whose indexes, constraints and triggers all partitions get anyway. */
        PARENT,
        /** Another partition, whose constraints on the time are its own. */
        SIBLING,
        /** A table that is there to be like. */
        TEMPLATE
    }

    /**
     * A replica identity that is an index which other partitions have no part of becomes the whole row. A template's is taken for one; where
     * it is none, the index follows when the partition is attached.
     */
    private static final String SETTINGS = """
            with m as (select * from pg_class where oid = ?::oid)
            select 'ALTER TABLE %T SET (' || string_agg(quote_ident(option_name) || ' = ' || quote_literal(option_value), ', ') || ')'
              from m, pg_options_to_table(m.reloptions) where m.relkind = 'r' having count(*) > 0
            union all
            select 'ALTER TABLE %T SET (' || string_agg('toast.' || quote_ident(option_name) || ' = ' || quote_literal(option_value), ', ') || ')'
              from m join pg_class t on t.oid = m.reltoastrelid, pg_options_to_table(t.reloptions) having count(*) > 0
            union all
            select 'ALTER TABLE %T ALTER COLUMN ' || quote_ident(a.attname) || ' SET STATISTICS ' || a.attstattarget
              from m join pg_attribute a on a.attrelid = m.oid where a.attnum > 0 and not a.attisdropped and a.attstattarget >= 0
            union all
            select 'ALTER TABLE %T ALTER COLUMN ' || quote_ident(a.attname) || ' SET (' || array_to_string(a.attoptions, ', ') || ')'
              from m join pg_attribute a on a.attrelid = m.oid where a.attnum > 0 and not a.attisdropped and a.attoptions is not null
            union all
            select 'ALTER TABLE %T ALTER COLUMN ' || quote_ident(a.attname) || ' SET STORAGE '
                   || case a.attstorage when 'p' then 'PLAIN' when 'e' then 'EXTERNAL' when 'm' then 'MAIN' else 'EXTENDED' end
              from m join pg_attribute a on a.attrelid = m.oid join pg_type t on t.oid = a.atttypid
             where a.attnum > 0 and not a.attisdropped and a.attstorage <> t.typstorage
            union all
            select 'ALTER TABLE %T ALTER COLUMN ' || quote_ident(a.attname) || ' SET COMPRESSION '
                   || case a.attcompression when 'l' then 'lz4' else 'pglz' end
              from m join pg_attribute a on a.attrelid = m.oid where a.attnum > 0 and not a.attisdropped and a.attcompression <> ''
            union all
            select 'ALTER TABLE %T REPLICA IDENTITY ' || case relreplident when 'f' then 'FULL' else 'NOTHING' end
              from m where relreplident in ('f', 'n')
            union all
            select 'ALTER TABLE %T REPLICA IDENTITY FULL' from m
             where relreplident = 'i' and exists (
                     select from pg_index x where x.indrelid = m.oid and x.indisreplident
                        and (? or not exists (select from pg_index r where r.indexrelid = pg_partition_root(x.indexrelid)
                                                 and r.indrelid = pg_partition_root(m.oid))))""";

    /** Check constraints with their names, and keys without: the names of their indexes must differ. */
    private static final String CONSTRAINTS = """
            select 'ALTER TABLE %T ADD ' || case when k.contype in ('c', 'f') then 'CONSTRAINT ' || quote_ident(k.conname) || ' ' else '' end
                   || pg_get_constraintdef(k.oid)
              from pg_constraint k
             where k.conrelid = ?::oid and k.contype in ('c', 'p', 'u', 'x', 'f') and k.coninhcount = 0 and k.conparentid = 0
               and not exists (select from pg_inherits i where i.inhrelid = k.conindid)
               and (? or k.contype <> 'c' or not coalesce(? = any (k.conkey), false))
             order by k.contype <> 'p', k.conname""";

    private static final String INDEXES = """
            select 'CREATE ' || case when x.indisunique then 'UNIQUE ' else '' end || 'INDEX ON %T'
                   || substr(d.definition, strpos(d.definition, ' USING '))
              from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
              join pg_namespace n on n.oid = t.relnamespace,
                   lateral (select substr(pg_get_indexdef(i.oid), strpos(pg_get_indexdef(i.oid),
                                quote_ident(n.nspname) || '.' || quote_ident(t.relname))
                                + length(quote_ident(n.nspname) || '.' || quote_ident(t.relname))) as definition) d
             where x.indrelid = ?::oid and x.indisvalid
               and not exists (select from pg_inherits h where h.inhrelid = x.indexrelid)
               and not exists (select from pg_constraint k where k.conindid = x.indexrelid and k.conrelid = x.indrelid)
             order by i.relname""";

    private static final String ACCESS = """
            with m as (select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = ?::oid)
            select 1 as step, 'ALTER TABLE %T ENABLE ROW LEVEL SECURITY' as text from m where relrowsecurity
            union all
            select 2, 'ALTER TABLE %T FORCE ROW LEVEL SECURITY' from m where relforcerowsecurity
            union all
            select 3, 'CREATE POLICY ' || quote_ident(p.polname) || ' ON %T AS '
                   || case when p.polpermissive then 'PERMISSIVE' else 'RESTRICTIVE' end || ' FOR '
                   || case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end
                   || ' TO ' || (select string_agg(case when r = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(r)) end, ', ') from unnest(p.polroles) r)
                   || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
                   || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
              from m join pg_policy p on p.polrelid = m.oid
            union all
            select 4, 'GRANT ' || g.privilege_type || ' ON %T TO '
                   || case when g.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(g.grantee)) end
                   || case when g.is_grantable then ' WITH GRANT OPTION' else '' end
              from m, aclexplode(m.relacl) g where g.grantee <> m.relowner
            union all
            select 5, 'GRANT ' || g.privilege_type || ' (' || quote_ident(a.attname) || ') ON %T TO '
                   || case when g.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(g.grantee)) end
                   || case when g.is_grantable then ' WITH GRANT OPTION' else '' end
              from m join pg_attribute a on a.attrelid = m.oid and a.attnum > 0 and not a.attisdropped, aclexplode(a.attacl) g
             where g.grantee <> m.relowner
            order by 1, 2""";

    private static final String TRIGGERS = """
            select replace(pg_get_triggerdef(g.oid), ' ON ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' ', ' ON %T ')
                   || case g.tgenabled when 'O' then '' else '; ALTER TABLE %T ' || case g.tgenabled when 'D' then 'DISABLE'
                        when 'R' then 'ENABLE REPLICA' else 'ENABLE ALWAYS' end || ' TRIGGER ' || quote_ident(g.tgname) end
              from pg_trigger g join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
             where g.tgrelid = ?::oid and not g.tgisinternal and g.tgparentid = 0 order by g.tgname""";

    /** %s: the columns and the rows that are published, which servers know from 15 on. */
    private static final String PUBLICATIONS = """
            select 'ALTER PUBLICATION ' || quote_ident(p.pubname) || ' ADD TABLE %%T' || %s
              from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
             where r.prrelid = ?::oid order by 1""";

    private static final String PUBLISHED_PARTS = """
            coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
                               where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)) || ')', '')
            || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')""";

    private static final int PUBLISHED_PARTS_SINCE = 150_000;

    /** Reads the table. @param keyColumn by which partitions are made */
    static PartitionModel read(Session session, long oid, Kind kind, String keyColumn) throws SQLException {
        int version = session.one("select current_setting('server_version_num')::int", row -> row.getInt(1));
        List<String> settings = new ArrayList<>(texts(session, SETTINGS, oid, kind == Kind.TEMPLATE));
        List<String> access = new ArrayList<>();
        if (kind != Kind.PARENT) {
            int key = session
                    .list(
                            "select attnum from pg_attribute where attrelid = ?::oid and attname = ?",
                            row -> row.getInt(1),
                            oid,
                            keyColumn)
                    .stream()
                    .findFirst()
                    .orElse(0);
            settings.addAll(texts(session, CONSTRAINTS, oid, kind == Kind.TEMPLATE, key));
            settings.addAll(texts(session, INDEXES, oid));
            access.addAll(texts(session, TRIGGERS, oid));
        }
        access.addAll(session.list(ACCESS.replace("%T", NAME), row -> row.getString(2), oid));
        List<String> publications = kind == Kind.PARENT ? List.of() : texts(session, publications(version), oid);
        return session.one(
                """
                select c.relpersistence = 'u', (select spcname from pg_tablespace where oid = c.reltablespace),
                       coalesce((select coalesce(pg_partition_root(x.indexrelid)::oid, x.indexrelid) from pg_index x
                                  where x.indrelid = c.oid and x.indisreplident and c.relreplident = 'i'), 0)::bigint
                  from pg_class c where c.oid = ?::oid""",
                row -> new PartitionModel(
                        row.getBoolean(1), row.getString(2), settings, access, publications, row.getLong(3)),
                oid);
    }

    /** What makes another table a member of the publications that the table is a member of. */
    static List<String> publicationsOf(Session session, long oid, TableName other) throws SQLException {
        int version = session.one("select current_setting('server_version_num')::int", row -> row.getInt(1));
        return of(texts(session, publications(version), oid), other);
    }

    private static String publications(int version) {
        return PUBLICATIONS.formatted(version >= PUBLISHED_PARTS_SINCE ? PUBLISHED_PARTS : "''");
    }

    /** What takes the table's own triggers from it, under the name it has then, and gives them to another. */
    static List<String> triggersOf(Session session, long oid, TableName other, TableName then) throws SQLException {
        List<String> statements = new ArrayList<>(session.list(
                "select 'DROP TRIGGER ' || quote_ident(tgname) || ' ON ' || ? from pg_trigger"
                        + " where tgrelid = ?::oid and not tgisinternal order by tgname",
                row -> row.getString(1),
                then.quoted(),
                oid));
        statements.addAll(of(texts(session, TRIGGERS, oid), other));
        return statements;
    }

    private static List<String> texts(Session session, String sql, Object... params) throws SQLException {
        return session.list(sql.replace("%T", NAME), row -> row.getString(1), params);
    }

    List<String> settings(TableName table) {
        return of(settings, table);
    }

    List<String> access(TableName table) {
        return of(access, table);
    }

    List<String> publications(TableName table) {
        return of(publications, table);
    }

    private static List<String> of(List<String> statements, TableName table) {
        return statements.stream().map(s -> s.replace(NAME, table.quoted())).toList();
    }
}
