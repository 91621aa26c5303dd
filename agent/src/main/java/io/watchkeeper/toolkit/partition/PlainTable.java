package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A table that is to become partitioned.
 *
 * @param oid of it
 * @param type of the column that it is partitioned by
 * @param notNull whether that column is never null
 * @param identity by what its rows are known where they are replicated to
 * @param keys its primary key and unique constraints
 */
record PlainTable(
        long oid,
        TableName name,
        String owner,
        KeyType type,
        boolean notNull,
        ReplicaIdentity identity,
        List<Key> keys) {

    /** A primary key or unique constraint. @param identifies whether its index is the replica identity that was chosen */
    record Key(String name, boolean primary, List<String> columns, boolean identifies) {}

    /** A replica identity. */
    enum ReplicaIdentity {
        DEFAULT,
        FULL,
        NOTHING,
        INDEX;

        /** @param code as in pg_class.relreplident */
        static ReplicaIdentity of(String code) {
            return switch (code) {
                case "f" -> FULL;
                case "n" -> NOTHING;
                case "i" -> INDEX;
                default -> DEFAULT;
            };
        }
    }

    /** What is left of the definition after the table's name: an index's, a foreign key's. */
    private static final String INDEXES = """
            select 'CREATE ' || case when x.indisunique then 'UNIQUE ' else '' end || 'INDEX ON ' || ?
                   || substr(pg_get_indexdef(i.oid), strpos(pg_get_indexdef(i.oid), ' USING '))
              from pg_index x join pg_class i on i.oid = x.indexrelid
             where x.indrelid = ?::oid and x.indisvalid
               and not exists (select from pg_constraint k where k.conindid = x.indexrelid and k.conrelid = x.indrelid)
             order by i.relname""";

    private static final String CONSTRAINTS = """
            select 'ALTER TABLE ' || ? || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid)
              from pg_constraint k where k.conrelid = ?::oid and k.contype in ('c', 'f') and k.conname !~ '^watchkeeper_'
             order by k.contype, k.conname""";

    private static final String IDENTITIES = """
            select 'ALTER TABLE ' || ? || ' ALTER COLUMN ' || quote_ident(a.attname) || ' ADD GENERATED '
                   || case a.attidentity when 'a' then 'ALWAYS' else 'BY DEFAULT' end || ' AS IDENTITY (START WITH '
                   || s.seqstart || ' INCREMENT BY ' || s.seqincrement || ' MINVALUE ' || s.seqmin || ' MAXVALUE ' || s.seqmax
                   || ' CACHE ' || s.seqcache || case when s.seqcycle then ' CYCLE' else ' NO CYCLE' end || ')',
                   a.attname, pg_get_serial_sequence(?, a.attname)
              from pg_attribute a
              join pg_depend d on d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
                              and d.refobjid = a.attrelid and d.refobjsubid = a.attnum and d.deptype = 'i'
              join pg_sequence s on s.seqrelid = d.objid
             where a.attrelid = ?::oid and a.attidentity <> '' and not a.attisdropped""";

    private static final String OWNED_SEQUENCES = """
            select s.oid::regclass::text, a.attname from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
              join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
             where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = ?::oid
               and d.deptype = 'a'""";

    /** @throws OperatorException when it cannot be partitioned, with the reason */
    static PlainTable read(Session session, TableName name, String column) throws SQLException {
        PartitionConversion.requireThere(session, name);
        record Row(
                long oid,
                String kind,
                boolean partition,
                String owner,
                boolean inherits,
                String identity,
                String blockers) {}
        Row row = session.one(
                """
                select c.oid::bigint, c.relkind::text, c.relispartition, pg_get_userbyid(c.relowner),
                       exists (select from pg_inherits i where i.inhrelid = c.oid or i.inhparent = c.oid),
                       c.relreplident::text,
                       (select string_agg(k.conrelid::regclass || ' (' || quote_ident(k.conname) || ')', ', ' order by k.conname)
                          from pg_constraint k where k.confrelid = c.oid and k.contype = 'f')
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ?""",
                r -> new Row(
                        r.getLong(1),
                        r.getString(2),
                        r.getBoolean(3),
                        r.getString(4),
                        r.getBoolean(5),
                        r.getString(6),
                        orEmpty(r.getString(7))),
                name.schema(),
                name.name());
        if (!row.kind().equals("r") || row.partition() || row.inherits()) {
            throw new OperatorException(
                    name + " is "
                            + (row.kind().equals("p")
                                    ? "partitioned already"
                                    : "part of another table's partitions or children"),
                    row.kind().equals("p") ? "maintainPartitions looks after its partitions." : "name a plain table.");
        }
        if (!row.blockers().isEmpty()) {
            throw new OperatorException(
                    "foreign keys refer to " + name + ": " + row.blockers()
                            + "; a partitioned table has no unique key without its time that they could refer to",
                    "drop them first, or let those tables carry the time, too.");
        }
        KeyType type = session
                .list(
                        "select format_type(atttypid, null) from pg_attribute where attrelid = ?::oid and attname = ? and attnum > 0"
                                + " and not attisdropped",
                        r -> r.getString(1),
                        row.oid(),
                        column)
                .stream()
                .findFirst()
                .flatMap(KeyType::of)
                .orElseThrow(() -> new OperatorException(
                        name + " has no column " + column + " of type date, timestamp or timestamptz",
                        "name the column that says when a row is of: by 'created_at'"));
        boolean notNull = session.one(
                "select attnotnull from pg_attribute where attrelid = ?::oid and attname = ?",
                r -> r.getBoolean(1),
                row.oid(),
                column);
        requireSimple(session, name, row.oid(), column);
        return new PlainTable(
                row.oid(),
                name,
                row.owner(),
                type,
                notNull,
                ReplicaIdentity.of(row.identity()),
                keys(session, row.oid()));
    }

    private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text;
    }

    /** What PostgreSQL has no partitioned form of. */
    private static void requireSimple(Session session, TableName name, long oid, String column) throws SQLException {
        List<String> problems = session.list("""
                select 'exclusion constraint ' || quote_ident(conname) from pg_constraint where conrelid = ?::oid and contype = 'x'
                union all
                select 'unique index ' || quote_ident(i.relname) || ', which does not hold ' || quote_ident(?)
                  from pg_index x join pg_class i on i.oid = x.indexrelid
                 where x.indrelid = ?::oid and x.indisunique
                   and not exists (select from pg_constraint k where k.conindid = i.oid)
                   and not exists (select from pg_attribute a where a.attrelid = x.indrelid and a.attname = ?
                                      and a.attnum = any (x.indkey::int2[]))
                union all
                select 'key ' || quote_ident(k.conname) || ' with INCLUDE, NULLS NOT DISTINCT, DEFERRABLE or WITHOUT OVERLAPS'
                  from pg_constraint k join pg_index x on x.indexrelid = k.conindid
                 where k.conrelid = ?::oid and k.contype in ('p', 'u')
                   and (k.condeferrable or x.indnatts <> x.indnkeyatts
                        or pg_get_constraintdef(k.oid) ~ '^UNIQUE NULLS NOT DISTINCT|WITHOUT OVERLAPS')
                union all
                select 'trigger ' || quote_ident(tgname) || ' with a transition table' from pg_trigger
                 where tgrelid = ?::oid and not tgisinternal and (tgoldtable is not null or tgnewtable is not null) and (tgtype & 1) = 1""", row -> row.getString(1), oid, column, oid, column, oid, oid);
        if (!problems.isEmpty()) {
            throw new OperatorException(
                    name + " has what a partitioned table cannot have or would not get: " + String.join("; ", problems),
                    "drop it, make it hold the time, or make it a plain key, before the table is converted.");
        }
    }

    private static List<Key> keys(Session session, long oid) throws SQLException {
        return session.list(
                """
                select k.conname, k.contype = 'p',
                       array(select a.attname::text from unnest(k.conkey) with ordinality u(n, place)
                               join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by u.place),
                       exists (select from pg_index x join pg_class c on c.oid = x.indrelid
                                where x.indexrelid = k.conindid and x.indisreplident and c.relreplident = 'i')
                  from pg_constraint k where k.conrelid = ?::oid and k.contype in ('p', 'u') order by k.contype, k.conname""",
                row -> new Key(
                        row.getString(1),
                        row.getBoolean(2),
                        List.of((String[]) row.getArray(3).getArray()),
                        row.getBoolean(4)),
                oid);
    }

    /** What else the partitioned table must have: indexes, checks, foreign keys, then rights, policies and publications. */
    List<String> rest(Session session, TableName made) throws SQLException {
        List<String> sql = new ArrayList<>();
        sql.addAll(session.list(INDEXES, row -> row.getString(1), made.quoted(), oid));
        sql.addAll(session.list(CONSTRAINTS, row -> row.getString(1), made.quoted(), oid));
        PartitionModel model = PartitionModel.read(session, oid, PartitionModel.Kind.PARENT, name.name());
        sql.addAll(model.access(made));
        sql.addAll(PartitionModel.publicationsOf(session, oid, made));
        return sql;
    }

    /** Identity columns go on counting where they are. */
    List<String> identities(Session session, TableName made) throws SQLException {
        List<String> sql = new ArrayList<>();
        record IdentityColumn(String statement, String column, String sequence) {}
        for (IdentityColumn one : session.list(
                IDENTITIES,
                row -> new IdentityColumn(row.getString(1), row.getString(2), row.getString(3)),
                made.quoted(),
                name.quoted(),
                oid)) {
            sql.add(one.statement());
            sql.add("SELECT setval(pg_get_serial_sequence(" + Identifiers.quoteLiteral(made.quoted()) + ", "
                    + Identifiers.quoteLiteral(one.column()) + "), (SELECT last_value FROM " + one.sequence()
                    + "), (SELECT is_called FROM " + one.sequence() + "))");
            sql.add("ALTER TABLE " + name.quoted() + " ALTER COLUMN " + Identifiers.quote(one.column())
                    + " DROP IDENTITY");
        }
        return sql;
    }

    /** What belongs to the table by its old name goes over to the new one, after the names have changed. */
    List<String> handOver(Session session, TableName old) throws SQLException {
        List<String> sql = new ArrayList<>(session.list(
                OWNED_SEQUENCES,
                row -> "ALTER SEQUENCE " + row.getString(1) + " OWNED BY " + name.quoted() + "."
                        + Identifiers.quote(row.getString(2)),
                oid));
        sql.addAll(PartitionModel.triggersOf(session, oid, name, old));
        return sql;
    }
}
