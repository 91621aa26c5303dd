package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.index.IndexedTable.ForeignKey;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads tables with their indexes and foreign keys: a statement for each kind, however many tables there are. */
final class IndexCatalogue {

    private static final String TABLES = """
            select n.nspname, c.relname, c.relkind = 'p', case when c.relkind = 'p' then
                       (select sum(greatest(l.reltuples, 0)) from pg_partition_tree(c.oid) p join pg_class l on l.oid = p.relid where p.isleaf)
                       else c.reltuples end::float8,
                   (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
                     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
                   %s
              from unnest(?::text[], ?::text[]) w(s, t)
              join pg_namespace n on n.nspname = w.s join pg_class c on c.relnamespace = n.oid and c.relname = w.t""";

    /** Of partitions only where they are looked at alone; their figures count for the index over them all. */
    private static final String INDEXES = """
            select tn.nspname, t.relname, n.nspname, i.relname, am.amname, keys.names, keys.included, keys.shape,
                   coalesce(pg_get_expr(x.indexprs, x.indrelid), '') || '|' || coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
                   x.indpred is not null, x.indisunique, x.indisprimary, x.indisvalid,
                   quote_ident(held.conname),
                   x.indisreplident, i.relkind = 'I',
                   current_setting('block_size')::bigint * case when i.relkind = 'I' then
                       (select coalesce(sum(l.relpages), 0) from pg_partition_tree(i.oid) p join pg_class l on l.oid = p.relid where p.isleaf)
                       else i.relpages end,
                   case when i.relkind = 'I' then
                       (select coalesce(sum(pg_stat_get_numscans(p.relid)), 0) from pg_partition_tree(i.oid) p where p.isleaf)
                       else coalesce(pg_stat_get_numscans(i.oid), 0) end
              from unnest(?::text[], ?::text[]) w(s, t)
              join pg_namespace tn on tn.nspname = w.s join pg_class t on t.relnamespace = tn.oid and t.relname = w.t
              join pg_index x on x.indrelid = t.oid join pg_class i on i.oid = x.indexrelid
              join pg_namespace n on n.oid = i.relnamespace join pg_am am on am.oid = i.relam
              left join pg_constraint held on held.conindid = i.oid and held.contype in ('p', 'u', 'x')
              cross join lateral (
                   select array_agg(coalesce(a.attname::text, '') order by k.ord) filter (where k.ord <= x.indnkeyatts) as names,
                          coalesce(array_agg(a.attname::text order by k.ord) filter (where k.ord > x.indnkeyatts), '{}') as included,
                          array_agg(x.indclass[k.ord - 1] || ' ' || x.indcollation[k.ord - 1] || ' ' || x.indoption[k.ord - 1] order by k.ord)
                              filter (where k.ord <= x.indnkeyatts) as shape
                     from unnest(x.indkey::int2[]) with ordinality k(attnum, ord)
                     left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.attnum and k.attnum > 0) keys
             order by 1, 2, 4""";

    private static final String FOREIGN_KEYS = """
            select n.nspname, c.relname, k.conname,
                   (select array_agg(a.attname::text order by o.ord) from unnest(k.conkey) with ordinality o(attnum, ord)
                      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = o.attnum),
                   fn.nspname, f.relname
              from unnest(?::text[], ?::text[]) w(s, t)
              join pg_namespace n on n.nspname = w.s join pg_class c on c.relnamespace = n.oid and c.relname = w.t
              join pg_constraint k on k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0
              join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
             order by 1, 2, 3""";

    private static final String PARTS = """
            select n.nspname, i.relname, pn.nspname, p.relname
              from unnest(?::text[], ?::text[]) w(s, t)
              join pg_namespace tn on tn.nspname = w.s join pg_class t on t.relnamespace = tn.oid and t.relname = w.t and t.relkind = 'p'
              join pg_index x on x.indrelid = t.oid join pg_class i on i.oid = x.indexrelid
              join pg_namespace n on n.oid = i.relnamespace
              cross join pg_partition_tree(i.oid) tree join pg_class p on p.oid = tree.relid and tree.isleaf
              join pg_namespace pn on pn.oid = p.relnamespace""";

    private static final String BRANCHES = """
            select n.nspname, c.relname, bn.nspname, b.relname, pn.nspname, p.relname, tree.isleaf, tree.level, b.relkind = 'f'
              from unnest(?::text[], ?::text[]) w(s, t)
              join pg_namespace n on n.nspname = w.s join pg_class c on c.relnamespace = n.oid and c.relname = w.t and c.relkind = 'p'
              cross join pg_partition_tree(c.oid) tree
              join pg_class b on b.oid = tree.relid join pg_namespace bn on bn.oid = b.relnamespace
              join pg_class p on p.oid = tree.parentrelid join pg_namespace pn on pn.oid = p.relnamespace
             where tree.level > 0
             order by 1, 2, tree.level, 3, 4""";

    /** What an index that is proposed cannot be called. */
    private static final String TAKEN = """
            select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = any (?::text[]) and c.relname ~ '_idx[0-9]*$'""";

    private record Branching(TableName root, PartitionedIndex.Branch branch, boolean foreign) {}

    private IndexCatalogue() {}

    /** Of indexes over partitions, the indexes of the partitions. */
    static Map<IndexName, List<IndexName>> parts(Session session, List<TableName> names) throws SQLException {
        Map<IndexName, List<IndexName>> parts = new HashMap<>();
        session.list(
                PARTS,
                row -> parts.computeIfAbsent(
                                new IndexName(row.getString(1), row.getString(2)), any -> new ArrayList<>())
                        .add(new IndexName(row.getString(3), row.getString(4))),
                names.stream().map(TableName::schema).toList(),
                names.stream().map(TableName::name).toList());
        return parts;
    }

    /** The tables by name, in order. */
    static Map<TableName, IndexedTable> read(Session session, List<TableName> names) throws SQLException {
        List<String> schemas = names.stream().map(TableName::schema).toList();
        List<String> plain = names.stream().map(TableName::name).toList();
        Map<TableName, List<IndexFacts>> indexes = new HashMap<>();
        for (IndexFacts index : session.list(INDEXES, IndexCatalogue::index, schemas, plain)) {
            indexes.computeIfAbsent(index.table(), any -> new ArrayList<>()).add(index);
        }
        record Key(TableName table, ForeignKey key) {}
        Map<TableName, List<ForeignKey>> keys = new HashMap<>();
        for (Key key : session.list(
                FOREIGN_KEYS,
                row -> new Key(
                        new TableName(row.getString(1), row.getString(2)),
                        new ForeignKey(
                                row.getString(3),
                                texts(row.getArray(4)),
                                new TableName(row.getString(5), row.getString(6)))),
                schemas,
                plain)) {
            keys.computeIfAbsent(key.table(), any -> new ArrayList<>()).add(key.key());
        }
        String merged = AgentSchema.has(session, "sync_tables")
                ? "exists (select from watchkeeper.sync_tables m where m.target = c.oid)"
                : "false";
        Map<TableName, IndexedTable> tables = new LinkedHashMap<>();
        for (IndexedTable table : session.list(TABLES.formatted(merged), IndexCatalogue::table, schemas, plain)) {
            tables.put(
                    table.table(),
                    table.with(
                            indexes.getOrDefault(table.table(), List.of()),
                            keys.getOrDefault(table.table(), List.of())));
        }
        branches(session, schemas, plain)
                .forEach((root, over) -> tables.computeIfPresent(root, (any, table) -> table.over(over)));
        return tables;
    }

    /** Of tables with partitions, how an index over them is made; without those that have foreign tables among them. */
    private static Map<TableName, PartitionedIndex> branches(Session session, List<String> schemas, List<String> plain)
            throws SQLException {
        Map<TableName, List<Branching>> all = session
                .list(
                        BRANCHES,
                        row -> new Branching(
                                new TableName(row.getString(1), row.getString(2)),
                                new PartitionedIndex.Branch(
                                        new TableName(row.getString(3), row.getString(4)),
                                        new TableName(row.getString(5), row.getString(6)),
                                        row.getBoolean(7),
                                        row.getInt(8)),
                                row.getBoolean(9)),
                        schemas,
                        plain)
                .stream()
                .collect(Collectors.groupingBy(Branching::root));
        if (all.isEmpty()) {
            return Map.of();
        }
        List<String> named = Stream.concat(
                        all.keySet().stream(),
                        all.values().stream()
                                .flatMap(List::stream)
                                .map(one -> one.branch().table()))
                .map(TableName::schema)
                .distinct()
                .toList();
        IndexNames names =
                new IndexNames(session.list(TAKEN, row -> new IndexName(row.getString(1), row.getString(2)), named));
        Map<TableName, PartitionedIndex> over = new HashMap<>();
        all.forEach((root, below) -> {
            if (below.stream().noneMatch(Branching::foreign)) {
                over.put(
                        root,
                        new PartitionedIndex(
                                root, below.stream().map(Branching::branch).toList(), names));
            }
        });
        return over;
    }

    private static IndexedTable table(ResultSet row) throws SQLException {
        return new IndexedTable(
                new TableName(row.getString(1), row.getString(2)),
                row.getBoolean(3),
                row.getDouble(4),
                texts(row.getArray(5)),
                row.getBoolean(6),
                List.of(),
                List.of(),
                null);
    }

    private static IndexFacts index(ResultSet row) throws SQLException {
        String expressions = Objects.requireNonNull(row.getString(9));
        return new IndexFacts(
                new IndexName(row.getString(3), row.getString(4)),
                new TableName(row.getString(1), row.getString(2)),
                row.getString(5),
                texts(row.getArray(6)),
                texts(row.getArray(7)),
                texts(row.getArray(8)),
                expressions.equals("|") ? "" : expressions,
                row.getBoolean(10),
                row.getBoolean(11),
                row.getBoolean(12),
                row.getBoolean(13),
                row.getString(14),
                row.getBoolean(15),
                row.getBoolean(16),
                row.getLong(17),
                row.getLong(18));
    }

    private static List<String> texts(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
    }
}
