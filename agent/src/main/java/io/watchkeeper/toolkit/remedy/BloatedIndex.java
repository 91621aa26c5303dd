package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A b-tree index of which much is empty.
 *
 * @param name as SQL text, with its schema
 * @param bloat which share of it could be gone
 * @param measured whether its pages were looked at; statistics tell otherwise
 * @param scans so far
 */
record BloatedIndex(String name, long bytes, Ratio bloat, boolean measured, long scans) {

    /** Smaller ones are not worth it. */
    private static final long LEAST_BYTES = 1 << 20;

    /** What a page of a new index is filled to. */
    private static final double FILL = 0.9;

    private static final String ESTIMATES = """
            with roots as (select to_regclass(name) as oid from unnest(?::text[]) name),
                 tables as (select oid from roots where oid is not null
                            union select p.relid from roots, pg_partition_tree(roots.oid) p where p.isleaf)
            select format('%I.%I', n.nspname, i.relname), pg_relation_size(i.oid),
                   greatest(t.reltuples, 0) * (ceil((8 + w.width) / 8.0) * 8 + 4) / (8168 * 0.9)
                       * current_setting('block_size')::int as needed,
                   coalesce(pg_stat_get_numscans(i.oid), 0)
              from tables join pg_class t on t.oid = tables.oid and t.relkind = 'r'
                   join pg_index x on x.indrelid = t.oid and x.indisvalid
                   join pg_class i on i.oid = x.indexrelid
                   join pg_am a on a.oid = i.relam and a.amname = 'btree'
                   join pg_namespace n on n.oid = i.relnamespace,
                   lateral (select coalesce(sum(coalesce(s.avg_width, 8)), 8) as width
                              from unnest(x.indkey::int2[]) k(attnum)
                                   left join pg_attribute c on c.attrelid = t.oid and c.attnum = k.attnum
                                   left join pg_stats s on s.schemaname = n.nspname and s.tablename = t.relname
                                                       and s.attname = c.attname) w
             where t.reltuples >= 0""";

    /** The worst one of the tables, or of their partitions. @return empty when none is as bad as that */
    static Optional<BloatedIndex> worst(Session session, List<String> tables, Ratio over) throws SQLException {
        Optional<BloatedIndex> worst = session
                .list(
                        ESTIMATES,
                        row -> new BloatedIndex(
                                row.getString(1),
                                row.getLong(2),
                                new Ratio(Math.max(0, 1 - row.getDouble(3) / Math.max(1, row.getLong(2)))),
                                false,
                                row.getLong(4)),
                        tables)
                .stream()
                .filter(index -> index.bytes() >= LEAST_BYTES && index.bloat().compareTo(over) >= 0)
                .max(Comparator.comparingDouble(
                        index -> index.bytes() * index.bloat().share()));
        return worst.isEmpty()
                ? worst
                : Optional.of(worst.get().measuredIn(session))
                        .filter(index -> index.bloat().compareTo(over) >= 0);
    }

    /** Looks at its pages where pgstattuple is installed. */
    private BloatedIndex measuredIn(Session session) throws SQLException {
        List<String> schema = session.list(
                "select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pgstattuple'",
                row -> row.getString(1));
        if (schema.isEmpty()) {
            return this;
        }
        double density = session.one(
                "select avg_leaf_density from " + Identifiers.quote(schema.get(0)) + ".pgstatindex(?::regclass)",
                row -> row.getDouble(1),
                name);
        return new BloatedIndex(name, bytes, new Ratio(Math.max(0, 1 - density / 100 / FILL)), true, scans);
    }

    Cause cause() {
        return new Cause(
                Cause.Kind.BLOATED_INDEX,
                0.4,
                name + " is " + Bytes.of(bytes) + ", " + bloat + " of it empty"
                        + (measured ? "" : " (estimated from statistics)") + ", and was scanned " + scans + " times");
    }
}
