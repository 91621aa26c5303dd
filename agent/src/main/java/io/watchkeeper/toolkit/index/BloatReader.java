package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlCall;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Reads how much of tables and B-tree indexes is empty: by one statement over the planner's statistics, and for those that matter by
 * pgstattuple, where it is installed. Changes nothing.
 */
public final class BloatReader {

    /** Smaller ones are not worth a thought. */
    public static final Bytes LEAST = Bytes.megabytes(1);

    /** What is looked at page by page in one go: beyond it, estimates have to do. */
    private static final long MOST_MEASURED = Bytes.gigabytes(2).count();

    private static final String LEAVES = """
            with meant as materialized (
                select c.oid, c.relkind from unnest(?::text[], ?::text[]) w(s, t)
                  join pg_namespace n on n.nspname = w.s join pg_class c on c.relnamespace = n.oid and c.relname = w.t),
            leaves as materialized (
                select oid from meant where relkind = 'r'
                union select p.relid from meant, pg_partition_tree(meant.oid) p where meant.relkind = 'p' and p.isleaf),
            """;

    /** The largest first, and their columns' statistics only then: there may be ten thousand tables. */
    private static final String TABLES = LEAVES + """
            largest as materialized (
                select c.oid, n.nspname, c.relname, c.relpages, c.reltuples, c.reloptions
                  from leaves join pg_class c using (oid) join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind = 'r' and c.relpages >= ? order by c.relpages desc limit ?)
            select l.nspname, l.relname, l.relpages::bigint, l.reltuples::float8,
                   coalesce(pg_stat_get_live_tuples(l.oid), 0), coalesce(pg_stat_get_dead_tuples(l.oid), 0),
                   coalesce((select option_value::int from pg_options_to_table(l.reloptions) where option_name = 'fillfactor'), 100),
                   w.columns, w.known, w.width, w.nulls, w.seen, current_setting('block_size')::int
              from largest l cross join lateral (
                   select count(*) as columns, count(s.attname) as known,
                          coalesce(sum((1 - s.null_frac) * s.avg_width), 0)::float8 as width,
                          coalesce(bool_or(s.null_frac > 0), false) as nulls,
                          bool_and(has_column_privilege(l.oid, a.attnum, 'select')) as seen
                     from pg_attribute a left join pg_stats s on s.schemaname = l.nspname and s.tablename = l.relname
                                                             and s.attname = a.attname and not s.inherited
                    where a.attrelid = l.oid and a.attnum > 0 and not a.attisdropped) w
             order by l.relpages desc""";

    /** Of an expression, the statistics stand with the index itself. Function 4 of a B-tree tells that equal keys share an entry. */
    private static final String INDEXES = LEAVES + """
            heaps as (
                select oid as main, oid as heap from leaves
                union all
                select c.oid, c.reltoastrelid from leaves join pg_class c using (oid) where c.reltoastrelid <> 0),
            largest as materialized (
                select h.main, h.heap, x.indexrelid, x.indkey, x.indnatts, x.indisunique, x.indisvalid, x.indisexclusion,
                       x.indclass[0] as opclass, i.relname, i.relnamespace, i.relpages, i.reltuples, i.reloptions, i.relam
                  from heaps h join pg_index x on x.indrelid = h.heap join pg_class i on i.oid = x.indexrelid
                 where i.relkind = 'i' and x.indislive and (i.relpages >= ? or not x.indisvalid) order by i.relpages desc limit ?)
            select l.indexrelid::bigint, n.nspname, l.relname, mn.nspname, m.relname, l.main::bigint, am.amname, l.relpages::bigint,
                   l.reltuples::float8, coalesce(pg_stat_get_numscans(l.indexrelid), 0), l.indisvalid, l.indisexclusion,
                   l.heap <> l.main,
                   coalesce((select option_value::int from pg_options_to_table(l.reloptions) where option_name = 'fillfactor'), 90),
                   w.columns, w.known, w.width, w.nulls, coalesce(w.distinct_values, 0),
                   not l.indisunique and l.indnatts = 1
                     and exists (select from pg_opclass o join pg_amproc p on p.amprocfamily = o.opcfamily
                                    and p.amproclefttype = o.opcintype and p.amprocnum = 4 where o.oid = l.opclass),
                   current_setting('block_size')::int
              from largest l join pg_class m on m.oid = l.main join pg_namespace mn on mn.oid = m.relnamespace
              join pg_namespace n on n.oid = l.relnamespace join pg_am am on am.oid = l.relam
              cross join lateral (
                   select count(*) as columns, count(s.attname) as known,
                          coalesce(sum((1 - s.null_frac) * s.avg_width), 0)::float8 as width,
                          coalesce(bool_or(s.null_frac > 0), false) as nulls, min(s.n_distinct)::float8 as distinct_values
                     from pg_attribute a
                          left join pg_attribute c on c.attrelid = l.heap and c.attnum = l.indkey[a.attnum - 1] and c.attnum > 0
                          left join pg_stats s on s.schemaname = case when c.attname is null then n.nspname else mn.nspname end
                                and s.tablename = case when c.attname is null then l.relname else m.relname end
                                and s.attname = coalesce(c.attname, a.attname) and not s.inherited
                    where a.attrelid = l.indexrelid and a.attnum > 0) w
             order by l.relpages desc""";

    private final Session session;

    public BloatReader(Session session) {
        this.session = session;
    }

    /** Tables of at least so many bytes, largest first, by statistics. @param names as resolved; a partitioned one stands for its leaves */
    public List<TableBloat> tables(List<TableName> names, Bytes least, int most) throws SQLException {
        return session.list(TABLES, BloatReader::table, schemas(names), plain(names), pages(least), most);
    }

    private static TableBloat table(ResultSet row) throws SQLException {
        long pages = row.getLong(3);
        double rows = row.getDouble(4);
        int columns = row.getInt(8);
        int known = row.getInt(9);
        int block = row.getInt(13);
        Ratio bloat = null;
        if (rows >= 0 && columns > 0 && known == columns) {
            double needed = PageModel.tablePages(
                    rows, row.getDouble(10), columns, row.getBoolean(11), row.getInt(7) / 100.0, block);
            bloat = share(needed, pages);
        }
        return new TableBloat(
                new TableName(row.getString(1), row.getString(2)),
                pages * block,
                row.getLong(5),
                row.getLong(6),
                bloat,
                false,
                row.getBoolean(12),
                rows >= 0 && (known > 0 || rows == 0));
    }

    /** Indexes of at least so many bytes, those of TOAST tables, too, largest first, by statistics. @param most of them */
    public List<IndexBloat> indexes(List<TableName> names, Bytes least, int most) throws SQLException {
        return session.list(INDEXES, BloatReader::index, schemas(names), plain(names), pages(least), most);
    }

    private static IndexBloat index(ResultSet row) throws SQLException {
        long pages = row.getLong(8);
        double rows = row.getDouble(9);
        boolean toast = row.getBoolean(13);
        double fill = row.getInt(14) / 100.0;
        int block = row.getInt(21);
        boolean known = toast || row.getInt(15) == row.getInt(16);
        Ratio bloat = null;
        if (row.getString(7).equals("btree") && rows >= 0 && known) {
            double width = toast ? PageModel.TOAST_KEY : row.getDouble(17);
            double distinct = row.getBoolean(20) ? PageModel.distinct(row.getDouble(19), rows) : rows;
            bloat = share(PageModel.btreePages(rows, width, row.getBoolean(18), distinct, fill, block), pages);
        }
        return new IndexBloat(
                row.getLong(1),
                new IndexName(row.getString(2), row.getString(3)),
                new TableName(row.getString(4), row.getString(5)),
                row.getLong(6),
                row.getString(7),
                pages * block,
                rows,
                row.getLong(10),
                row.getBoolean(11),
                row.getBoolean(12),
                toast,
                new Ratio(fill),
                bloat,
                false);
    }

    private static Ratio share(double needed, long pages) {
        return new Ratio(Math.max(0, 1 - needed / Math.max(1, pages)));
    }

    /** The same, those with most to win looked at page by page where pgstattuple is installed and the role may use it. */
    public List<TableBloat> measureTables(List<TableBloat> tables, int most) throws SQLException {
        Optional<String> schema = pgstattuple();
        List<TableBloat> result = new ArrayList<>(tables);
        if (schema.isEmpty()) {
            return result;
        }
        long left = MOST_MEASURED;
        for (TableBloat table : worst(tables, Comparator.comparingLong(TableBloat::wasted), most)) {
            if (table.bytes() <= left) {
                left -= table.bytes();
                result.set(result.indexOf(table), measured(table, schema.get()));
            }
        }
        return result;
    }

    private TableBloat measured(TableBloat table, String schema) throws SQLException {
        return attempt(
                () -> session.one(
                        "select (approx_free_percent + dead_tuple_percent) / 100 - 1 + coalesce((select option_value::int"
                                + " from pg_class, pg_options_to_table(reloptions) where oid = ?::regclass and option_name = 'fillfactor'), 100)"
                                + " / 100.0 from " + schema + ".pgstattuple_approx(?::regclass)",
                        row -> table.measured(new Ratio(Math.max(0, row.getDouble(1)))),
                        table.table().quoted(),
                        table.table().quoted()),
                table);
    }

    /** As {@link #measureTables}. */
    public List<IndexBloat> measureIndexes(List<IndexBloat> indexes, int most) throws SQLException {
        Optional<String> schema = pgstattuple();
        List<IndexBloat> result = new ArrayList<>(indexes);
        if (schema.isEmpty()) {
            return result;
        }
        long left = MOST_MEASURED;
        for (IndexBloat index : worst(indexes, Comparator.comparingLong(IndexBloat::wasted), most)) {
            if (index.isBtree() && index.bytes() <= left) {
                left -= index.bytes();
                result.set(result.indexOf(index), measured(index, schema.get()));
            }
        }
        return result;
    }

    /** Looks at an index's pages, however large it is; the same where pgstattuple cannot be used. */
    public IndexBloat measure(IndexBloat index) throws SQLException {
        Optional<String> schema = index.isBtree() ? pgstattuple() : Optional.empty();
        return schema.isEmpty() ? index : measured(index, schema.get());
    }

    private IndexBloat measured(IndexBloat index, String schema) throws SQLException {
        return attempt(
                () -> session.one(
                        // An empty index has no density.
                        "select case when leaf_pages = 0 then 1 else avg_leaf_density / 100 end, (leaf_pages + deleted_pages + empty_pages)"
                                + "::float8, leaf_pages::float8 from " + schema + ".pgstatindex(?::regclass)",
                        row -> {
                            double used = row.getDouble(3)
                                    * row.getDouble(1)
                                    / index.fill().share();
                            double share = 1 - used / Math.max(1, row.getDouble(2));
                            return index.with(new Ratio(Math.max(0, share)), true);
                        },
                        index.index().quoted()),
                index);
    }

    private static <T> List<T> worst(List<T> all, Comparator<T> by, int most) {
        return all.stream().sorted(by.reversed()).limit(most).toList();
    }

    /** What cannot be looked at keeps its estimate: a right is missing, or it is gone or locked. */
    private static <T> T attempt(SqlCall<T> look, T otherwise) throws SQLException {
        try {
            return look.run();
        } catch (SQLException e) {
            String state = FailureClass.sqlState(e).orElse("");
            if (List.of(
                            SqlStates.INSUFFICIENT_PRIVILEGE,
                            SqlStates.UNDEFINED_TABLE,
                            SqlStates.LOCK_NOT_AVAILABLE,
                            SqlStates.FEATURE_NOT_SUPPORTED)
                    .contains(state)) {
                return otherwise;
            }
            throw e;
        }
    }

    /** The schema of the extension's functions, as SQL text. */
    private Optional<String> pgstattuple() throws SQLException {
        return extensionSchema(session, "pgstattuple");
    }

    /** Where an extension's functions are, as SQL text; empty where it is not installed. */
    static Optional<String> extensionSchema(Session session, String extension) throws SQLException {
        return session
                .list(
                        "select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = ?",
                        row -> Identifiers.quote(row.getString(1)),
                        extension)
                .stream()
                .findFirst();
    }

    private static int pages(Bytes least) {
        // By the usual block size: what is a little smaller or larger does not matter.
        return (int) Math.min(Integer.MAX_VALUE, least.count() / 8192);
    }

    private static List<String> schemas(List<TableName> names) {
        return names.stream().map(TableName::schema).toList();
    }

    private static List<String> plain(List<TableName> names) {
        return names.stream().map(TableName::name).toList();
    }
}
