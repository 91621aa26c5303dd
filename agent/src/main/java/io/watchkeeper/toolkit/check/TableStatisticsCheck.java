package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How tables are used and kept: dead rows, changes since the planner's statistics were made, large tables that are read from end to end again and
 * again, updates that have to touch every index. Sizes are by the planner's pages.
 *
 * @param warn share of dead rows
 * @param leastRows tables with fewer dead or changed rows are not judged
 * @param changed share of the rows changed since the last ANALYZE; more is a warning
 * @param largeTable from this size on, reading a table from end to end is worth a word
 * @param hot share of the updates that leave the indexes alone; less is a warning
 */
public record TableStatisticsCheck(Ratio warn, Ratio fail, long leastRows, Ratio changed, Bytes largeTable, Ratio hot)
        implements Check {

    public static final TableStatisticsCheck USUAL = new TableStatisticsCheck(
            Ratio.percent(20), Ratio.percent(40), 10_000, Ratio.percent(30), Bytes.megabytes(64), Ratio.percent(50));

    /** So many tables of one kind are named in its finding, with what mends each. */
    private static final int MOST_NAMED = 5;

    /** A large table that was read whole less often was read by a person or a report. */
    private static final int SEQUENTIAL_SCANS = 100;

    private static final Bytes LEAST_SHOWN = Bytes.kilobytes(64);

    /**
     * The statistics of a table cost the server a look-up each, and there may be tens of thousands: only the largest are asked for, and of those
     * that were never analyzed, whose size the planner does not know, as many.
     */
    private static final String SQL = """
            with largest as materialized (
                (select oid, relname, relnamespace, relpages, reltuples, reloptions, reltoastrelid from pg_class
                  where relkind in ('r', 'm') and relpersistence <> 't' and relpages > 0 order by relpages desc limit 300)
                union all
                (select oid, relname, relnamespace, relpages, reltuples, reloptions, reltoastrelid from pg_class
                  where relkind in ('r', 'm') and relpersistence <> 't' and relpages = 0 and reltuples < 0 order by oid desc limit 300)),
            known as (
                select c.oid, format('%I.%I', n.nspname, c.relname) as name,
                       (c.relpages::bigint + coalesce((select relpages from pg_class t where t.oid = c.reltoastrelid), 0))
                           * current_setting('block_size')::bigint as bytes,
                       pg_stat_get_live_tuples(c.oid) as "liveRows", pg_stat_get_dead_tuples(c.oid) as "deadRows",
                       pg_stat_get_mod_since_analyze(c.oid) as "changedRows", pg_stat_get_numscans(c.oid) as "sequentialScans",
                       pg_stat_get_tuples_returned(c.oid) as "rowsReadSequentially", pg_stat_get_tuples_updated(c.oid) as updates,
                       pg_stat_get_tuples_hot_updated(c.oid) as "hotUpdates",
                       greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) as "lastVacuum",
                       greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) as "lastAnalyze",
                       coalesce((select option_value from pg_options_to_table(c.reloptions) where option_name = 'fillfactor'), '100')::int
                           as "fillFactor"
                  from largest c join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'),
            indexed as (
                select k.*, case when k.bytes >= ? then
                                (select sum(pg_stat_get_numscans(i.indexrelid)) from pg_index i where i.indrelid = k.oid)
                            end::bigint as "indexScans",
                       round((100.0 * "deadRows" / nullif("liveRows" + "deadRows", 0))::numeric, 1)::float8 as "deadPercent"
                  from known k)
            select * from indexed order by bytes desc""";

    @Override
    public String verb() {
        return "tableStatistics";
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> tables = look.rows(SQL, largeTable);
        Findings findings = new Findings();
        judgeDead(findings, tables);
        tell(
                findings,
                tables,
                "oldStatistics",
                row -> row.whole("changedRows") >= leastRows
                        && Findings.share(row.real("changedRows"), row.real("liveRows"))
                                        .compareTo(changed)
                                >= 0,
                "have changed much since their statistics were made, so the planner guesses wrong",
                row -> row.text("name") + " (" + row.whole("changedRows") + " rows changed)",
                row -> "ANALYZE " + row.text("name") + ";");
        tell(
                findings,
                tables,
                "sequentialScans",
                this::isReadWhole,
                "are large and read from end to end again and again: an index may be missing",
                row -> row.text("name") + " (" + new Bytes(row.whole("bytes")) + ", " + row.whole("sequentialScans")
                        + " times)",
                row -> "EXPLAIN the statements that read " + row.text("name") + ": slowQueries lists them");
        tell(
                findings,
                tables,
                "notHot",
                row -> row.whole("updates") >= leastRows
                        && row.whole("fillFactor") == 100
                        && Findings.share(row.real("hotUpdates"), row.real("updates"))
                                        .compareTo(hot)
                                < 0,
                "are updated much, and most updates touch every index because the pages have no room",
                row -> row.text("name") + " ("
                        + Findings.share(row.real("hotUpdates"), row.real("updates")) + " of " + row.whole("updates")
                        + " updates leave the indexes alone)",
                row -> "ALTER TABLE " + row.text("name") + " SET (fillfactor = 80);");
        List<Row> shown = shown(tables);
        note(look, shown);
        long bytes = tables.stream().mapToLong(row -> row.whole("bytes")).sum();
        return findings.review(
                look,
                "tables",
                Findings.count(tables.size(), "table", "tables") + " looked at with " + new Bytes(bytes)
                        + " by the planner's pages"
                        + (tables.isEmpty()
                                ? ""
                                : ", the largest is " + tables.get(0).text("name") + " with "
                                        + new Bytes(tables.get(0).whole("bytes"))),
                shown.stream().map(TableStatisticsCheck::evidence).toList());
    }

    private boolean isReadWhole(Row row) {
        return row.whole("bytes") >= largeTable.count()
                && row.whole("sequentialScans") >= SEQUENTIAL_SCANS
                && row.whole("sequentialScans") >= row.whole("indexScans")
                // What stops early, as with LIMIT, reads no table whole.
                && row.real("rowsReadSequentially") / row.real("sequentialScans") >= row.real("liveRows") / 2.0;
    }

    private void judgeDead(Findings findings, List<Row> tables) {
        List<Row> dead = tables.stream()
                .filter(row ->
                        row.whole("deadRows") >= leastRows && deadShare(row).compareTo(warn) >= 0)
                .sorted(Comparator.comparingLong((Row row) -> row.whole("deadRows"))
                        .reversed())
                .toList();
        if (dead.isEmpty()) {
            return;
        }
        ReviewStatus status = dead.stream().anyMatch(row -> deadShare(row).compareTo(fail) >= 0)
                ? ReviewStatus.FAIL
                : ReviewStatus.WARN;
        List<Row> named = dead.subList(0, Math.min(dead.size(), MOST_NAMED));
        findings.add(
                status,
                "deadRows",
                Findings.count(dead.size(), "table is", "tables are") + " full of dead rows: "
                        + String.join(
                                ", ",
                                named.stream()
                                        .map(row -> row.text("name") + " (" + deadShare(row) + ", "
                                                + row.whole("deadRows") + " rows)")
                                        .toList()),
                Map.of("tables", named.stream().map(row -> row.text("name")).toList()),
                String.join(
                                "\n",
                                named.stream()
                                        .map(row -> "VACUUM (ANALYZE) " + row.text("name") + ";")
                                        .toList())
                        + " -- it does not help while xminHorizon finds what holds old rows back");
    }

    private static Ratio deadShare(Row row) {
        return Findings.share(row.real("deadRows"), row.real("liveRows") + row.real("deadRows"));
    }

    /** One finding for all tables of a kind. */
    private static void tell(
            Findings findings,
            List<Row> tables,
            String code,
            Predicate<Row> kind,
            String what,
            Function<Row, String> named,
            Function<Row, String> remedy) {
        List<Row> such = tables.stream().filter(kind).toList();
        if (such.isEmpty()) {
            return;
        }
        List<Row> first = such.subList(0, Math.min(such.size(), MOST_NAMED));
        findings.warn(
                code,
                Findings.count(such.size(), "table", "tables") + " " + what + ": "
                        + String.join(", ", first.stream().map(named).toList()),
                Map.of("tables", first.stream().map(row -> row.text("name")).toList()),
                String.join("\n", first.stream().map(remedy).toList()));
    }

    /** The largest; among them those of which there is little to say. */
    private static List<Row> shown(List<Row> tables) {
        return tables.stream()
                .filter(row -> row.whole("bytes") >= LEAST_SHOWN.count() || row.whole("deadRows") > 0)
                .limit(Findings.MOST_ROWS)
                .toList();
    }

    private static Map<String, Object> evidence(Row row) {
        Map<String, Object> shown = row.only("bytes", "liveRows", "deadRows", "deadPercent", "changedRows");
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("table", row.text("name"));
        named.putAll(shown);
        named.putAll(row.only("sequentialScans", "indexScans", "updates", "hotUpdates", "lastVacuum", "lastAnalyze"));
        return named;
    }

    private static void note(Look look, List<Row> tables) {
        List<Measurement> figures = new ArrayList<>();
        for (Row row : tables) {
            figures.add(look.figure("table_bytes", row.text("name"), row.real("bytes")));
            figures.add(look.figure(
                    "table_dead_ratio", row.text("name"), deadShare(row).share()));
        }
        look.note(figures);
    }
}
