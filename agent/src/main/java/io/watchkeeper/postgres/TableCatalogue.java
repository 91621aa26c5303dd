package io.watchkeeper.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads tables' shapes out of a server's catalogue: all that is wanted in one round trip, and without a lock on the tables
 * themselves, so that one that is locked is not in the way of the others. (pg_get_expr, pg_get_indexdef and pg_partition_tree
 * would take locks.)
 */
final class TableCatalogue {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** One JSON document per table, then one per type that a column's type is made of. */
    private static final String SHAPES = """
            with recursive wanted as (
              select c.*, n.nspname
                from unnest(?::text[], ?::text[]) w(schema_name, table_name)
                join pg_namespace n on n.nspname = w.schema_name
                join pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
               where c.relkind not in ('i', 'I', 'S', 't', 'c')
            ), tree(root, oid) as (
              select oid, oid from wanted where relkind = 'p'
              union all
              select tree.root, i.inhrelid from tree join pg_inherits i on i.inhparent = tree.oid
            ), type_ids(id) as (
              select a.atttypid from wanted w join pg_attribute a on a.attrelid = w.oid
               where a.attnum > 0 and not a.attisdropped
              union
              select part from type_ids join pg_type t on t.oid = id
                left join pg_range r on t.oid in (r.rngtypid, r.rngmultitypid),
                     lateral (values (t.typbasetype), (t.typelem), (r.rngsubtype)) p(part)
               where part <> 0
            )
            select json_build_object(
              'oid', c.oid::bigint, 'schema', c.nspname, 'name', c.relname, 'kind', c.relkind, 'partition', c.relispartition,
              'unlogged', c.relpersistence = 'u' or exists (
                select from tree join pg_class l on l.oid = tree.oid where tree.root = c.oid and l.relpersistence = 'u'),
              'rows', c.reltuples::bigint, 'bytes', c.relpages * current_setting('block_size')::bigint,
              'owned', pg_has_role(c.relowner, 'USAGE'), 'rowSecurity', row_security_active(c.oid),
              'rights', (select json_agg(r) from unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) r
                          where has_table_privilege(c.oid, r)),
              'columns', (
                select json_agg(json_build_object(
                         'name', a.attname, 'type', a.atttypid::bigint, 'typmod', a.atttypmod, 'notNull', a.attnotnull,
                         'text', format_type(a.atttypid, a.atttypmod), 'generated', a.attgenerated <> '',
                         'identity', a.attidentity, 'default', a.atthasdef) order by a.attnum)
                  from pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
              'keys', (
                select json_agg(json_build_object('name', k.conname, 'primary', k.contype = 'p', 'columns', (
                         select json_agg(a.attname order by p) from unnest(k.conkey) with ordinality u(n, p)
                           join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n)) order by k.contype, k.conname)
                  from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u')),
              'uniqueIndexes', (
                select json_agg(json_build_object('name', i.relname, 'immediate', x.indimmediate,
                         'whole', x.indisunique and x.indisvalid and x.indpred is null and x.indexprs is null
                                  and x.indrelid = c.oid,
                         'columns', (select json_agg(a.attname order by p) from unnest(x.indkey) with ordinality u(n, p)
                                       join pg_attribute a on a.attrelid = x.indrelid and a.attnum = n
                                      where p <= x.indnkeyatts)) order by x.indisprimary desc, i.relname)
                  from pg_index x join pg_class i on i.oid = x.indexrelid
                 where (x.indisunique or x.indisexclusion) and x.indislive
                   and (x.indrelid = c.oid
                        or x.indrelid in (select oid from tree where root = c.oid)
                           and not exists (select from pg_inherits h where h.inhrelid = x.indexrelid))),
              'foreignKeys', (
                select json_agg(json_build_object('name', k.conname, 'outgoing', k.conrelid = any (f.family),
                         'incoming', not k.conrelid = any (f.family),
                         'fromSchema', sn.nspname, 'from', s.relname, 'fromPartitioned', s.relkind = 'p',
                         'toSchema', tn.nspname, 'to', t.relname, 'toPartitioned', t.relkind = 'p',
                         'readable', has_table_privilege(s.oid, 'SELECT') and has_table_privilege(t.oid, 'SELECT'),
                         'onDelete', k.confdeltype, 'deferrable', k.condeferrable,
                         'columns', (select json_agg(a.attname order by p) from unnest(k.conkey) with ordinality u(n, p)
                                       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n),
                         'referenced', (select json_agg(a.attname order by p) from unnest(k.confkey) with ordinality u(n, p)
                                          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = n)) order by k.conname)
                  from (select array(select c.oid union select relid::oid from pg_partition_ancestors(c.oid)) as family) f
                  join pg_constraint k on k.conrelid = any (f.family) or k.confrelid = any (f.family)
                  join pg_class s on s.oid = k.conrelid join pg_namespace sn on sn.oid = s.relnamespace
                  join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
                 where k.contype = 'f' and k.conparentid = 0),
              'leaves', case when c.relkind = 'p' then (
                select json_agg(json_build_object('schema', n.nspname, 'name', l.relname, 'kind', l.relkind,
                         'rows', l.reltuples::bigint, 'bytes', l.relpages * current_setting('block_size')::bigint)
                         order by n.nspname, l.relname)
                  from tree join pg_class l on l.oid = tree.oid join pg_namespace n on n.oid = l.relnamespace
                 where tree.root = c.oid and l.relkind <> 'p') end,
              'sequences', (
                select json_agg(distinct jsonb_build_object('schema', n.nspname, 'name', s.relname, 'column', a.attname,
                         'ascending', q.seqincrement > 0, 'settable', has_sequence_privilege(s.oid, 'UPDATE')
                                                          and has_sequence_privilege(s.oid, 'SELECT')))
                  from pg_attribute a
                  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                  join pg_depend p on (p.classid = 'pg_class'::regclass and p.refclassid = 'pg_class'::regclass
                                       and p.refobjid = a.attrelid and p.refobjsubid = a.attnum and p.deptype in ('a', 'i'))
                                   or (p.classid = 'pg_attrdef'::regclass and p.objid = d.oid
                                       and p.refclassid = 'pg_class'::regclass)
                  join pg_class s on s.relkind = 'S'
                                 and s.oid = case when p.classid = 'pg_class'::regclass then p.objid else p.refobjid end
                  join pg_sequence q on q.seqrelid = s.oid join pg_namespace n on n.oid = s.relnamespace
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
              'triggers', (
                select json_agg(json_build_object('name', g.tgname, 'enabled', g.tgenabled) order by g.tgname)
                  from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled <> 'D'))
              from wanted c
            union all
            select json_build_object('type', t.oid::bigint, 'schema', n.nspname, 'name', t.typname, 'typtype', t.typtype,
                     'array', t.typcategory = 'A' and t.typelem <> 0, 'portable', t.typsend <> 0 and t.typreceive <> 0,
                     'text', format_type(t.oid, null), 'partTypmod', t.typtypmod, 'partText', format_type(t.typbasetype, t.typtypmod),
                     'part', coalesce(nullif(t.typbasetype, 0), nullif(r.rngsubtype, 0),
                                      case when t.typcategory = 'A' then nullif(t.typelem, 0) end)::bigint)
              from type_ids join pg_type t on t.oid = id join pg_namespace n on n.oid = t.typnamespace
              left join pg_range r on t.oid in (r.rngtypid, r.rngmultitypid)""";

    private TableCatalogue() {}

    static Map<TableName, TableShape> read(Session session, Collection<TableName> names) throws SQLException {
        List<JsonNode> documents = session.list(
                SHAPES,
                row -> parse(row.getString(1)),
                names.stream().map(TableName::schema).toList(),
                names.stream().map(TableName::name).toList());
        Map<Long, JsonNode> types = new HashMap<>();
        for (JsonNode document : documents) {
            if (document.has("type")) {
                types.put(document.get("type").asLong(), document);
            }
        }
        Map<TableName, TableShape> shapes = new TreeMap<>();
        for (JsonNode document : documents) {
            if (document.has("columns")) {
                TableShape shape = shape(document, types);
                shapes.put(shape.name(), shape);
            }
        }
        return shapes;
    }

    static OperatorException missing(Session session, TableName name) throws SQLException {
        List<String> known = session.list(
                "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                        + " where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'watchkeeper')",
                row -> new TableName(row.getString(1), row.getString(2)).toString());
        String database = session.database().name();
        return new MissingTableException(
                database,
                "there is no table " + name + " in database '" + database + "'",
                Suggestion.didYouMean(name.toString(), known)
                        + "Names are read as in psql: what is not in double quotes is lower case.");
    }

    private static TableShape shape(JsonNode t, Map<Long, JsonNode> types) {
        List<TableShape.Leaf> leaves = list(
                t.get("leaves"),
                leaf -> new TableShape.Leaf(
                        name(leaf, "schema", "name"),
                        TableShape.Kind.of(leaf.get("kind").asText()),
                        leaf.get("rows").asLong(),
                        leaf.get("bytes").asLong()));
        boolean partitioned = t.get("kind").asText().equals("p");
        boolean unknown = leaves.stream().anyMatch(leaf -> leaf.estimatedRows() < 0);
        return new TableShape(
                name(t, "schema", "name"),
                TableShape.Kind.of(t.get("kind").asText()),
                t.get("partition").asBoolean(),
                t.get("unlogged").asBoolean(),
                !partitioned
                        ? t.get("rows").asLong()
                        : unknown
                                ? -1
                                : leaves.stream()
                                        .mapToLong(TableShape.Leaf::estimatedRows)
                                        .sum(),
                partitioned
                        ? leaves.stream()
                                .mapToLong(TableShape.Leaf::estimatedBytes)
                                .sum()
                        : t.get("bytes").asLong(),
                t.get("owned").asBoolean(),
                t.get("rowSecurity").asBoolean(),
                list(t.get("rights"), JsonNode::asText),
                list(t.get("columns"), column -> column(column, types)),
                list(
                        t.get("keys"),
                        k -> new TableShape.Key(
                                k.get("name").asText(),
                                k.get("primary").asBoolean(),
                                list(k.get("columns"), JsonNode::asText))),
                list(
                        t.get("uniqueIndexes"),
                        x -> new TableShape.UniqueIndex(
                                x.get("name").asText(),
                                list(x.get("columns"), JsonNode::asText),
                                x.get("whole").asBoolean(),
                                x.get("immediate").asBoolean())),
                foreignKeys(t.get("foreignKeys"), "outgoing"),
                foreignKeys(t.get("foreignKeys"), "incoming"),
                leaves,
                list(
                        t.get("sequences"),
                        s -> new TableShape.Sequence(
                                name(s, "schema", "name"),
                                s.get("column").asText(),
                                s.get("ascending").asBoolean(),
                                s.get("settable").asBoolean())),
                list(
                        t.get("triggers"),
                        g -> new TableShape.Trigger(
                                g.get("name").asText(), g.get("enabled").asText())));
    }

    private static TableShape.Column column(JsonNode c, Map<Long, JsonNode> types) {
        TableShape.Identity identity = switch (c.get("identity").asText()) {
            case "a" -> TableShape.Identity.ALWAYS;
            case "d" -> TableShape.Identity.BY_DEFAULT;
            default -> TableShape.Identity.NONE;
        };
        return new TableShape.Column(
                c.get("name").asText(),
                type(
                        c.get("type").asLong(),
                        c.get("typmod").asInt(),
                        c.get("text").asText(),
                        types),
                c.get("notNull").asBoolean(),
                c.get("generated").asBoolean(),
                identity,
                c.get("default").asBoolean());
    }

    private static ColumnType type(long id, int typmod, String text, Map<Long, JsonNode> types) {
        JsonNode t = types.get(id);
        if (t == null) {
            throw new IllegalStateException("the catalogue names type " + id + " and does not describe it");
        }
        ColumnType.Kind kind =
                ColumnType.Kind.of(t.get("typtype").asText(), t.get("array").asBoolean());
        return new ColumnType(
                t.get("schema").asText(),
                t.get("name").asText(),
                typmod,
                text,
                kind,
                t.get("portable").asBoolean(),
                part(t, kind, typmod, types));
    }

    private static @Nullable ColumnType part(JsonNode t, ColumnType.Kind kind, int typmod, Map<Long, JsonNode> types) {
        if (t.get("part").isNull()) {
            return null;
        }
        long id = t.get("part").asLong();
        if (kind == ColumnType.Kind.DOMAIN) {
            return type(id, t.get("partTypmod").asInt(), t.get("partText").asText(), types);
        }
        JsonNode part = types.get(id);
        String text = part == null ? "" : part.get("text").asText();
        return type(id, kind == ColumnType.Kind.ARRAY ? typmod : -1, text, types);
    }

    private static List<TableShape.ForeignKey> foreignKeys(@Nullable JsonNode all, String direction) {
        List<TableShape.ForeignKey> keys = new ArrayList<>();
        if (all != null) {
            for (JsonNode k : all) {
                if (k.get(direction).asBoolean()) {
                    keys.add(new TableShape.ForeignKey(
                            k.get("name").asText(),
                            name(k, "fromSchema", "from"),
                            list(k.get("columns"), JsonNode::asText),
                            name(k, "toSchema", "to"),
                            list(k.get("referenced"), JsonNode::asText),
                            k.get("onDelete").asText(),
                            k.get("deferrable").asBoolean(),
                            k.get("fromPartitioned").asBoolean(),
                            k.get("toPartitioned").asBoolean(),
                            k.get("readable").asBoolean()));
                }
            }
        }
        return keys;
    }

    private static TableName name(JsonNode node, String schema, String name) {
        return new TableName(node.get(schema).asText(), node.get(name).asText());
    }

    private static <T> List<T> list(@Nullable JsonNode array, Function<JsonNode, T> one) {
        List<T> result = new ArrayList<>();
        if (array != null) {
            array.forEach(node -> result.add(one.apply(node)));
        }
        return List.copyOf(result);
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("PostgreSQL wrote JSON that cannot be read: " + json, e);
        }
    }
}
