package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.review.Review;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Indexes that nobody uses: not scanned since the statistics began, nor since the agent looks, on this server and on the standbys that were
 * asked. Those that make something unique, back a constraint or a replica identity, or belong to a partitioned index are of use unscanned.
 *
 * @param least smaller ones cost too little to be named
 * @param over what is known for less time says nothing
 * @param standbys where an index may be used that is not used here
 */
public record IndexUsageCheck(Bytes least, Duration over, Asked standbys) implements Check {

    public static final IndexUsageCheck USUAL =
            new IndexUsageCheck(Bytes.megabytes(1), Duration.ofDays(14), Asked.NONE);

    private static final Duration REMEMBERED = Duration.ofDays(90);
    private static final int MOST_NAMED = 10;

    /** Figures of so many are kept; more is a matter of the server's own statistics. */
    private static final int MOST_KEPT = 200;

    /** Asked of the largest only, as {@link TableStatisticsCheck} does. Statistics of a cluster begin when they are first of all its parts. */
    private static final String SQL = """
            with facts as (
                select coalesce(d.stats_reset, b.stats_reset) as since,
                       extract(epoch from now() - coalesce(d.stats_reset, b.stats_reset))::float8 as "knownSeconds",
                       (select count(*) from pg_stat_replication) as standbys
                  from pg_stat_database d, pg_stat_bgwriter b where d.datname = current_database()),
            largest as materialized (
                select c.oid, c.relname, c.relnamespace, c.relpages, i.indrelid
                  from pg_class c join pg_index i on i.indexrelid = c.oid
                 where c.relkind = 'i' and c.relpages::bigint * current_setting('block_size')::bigint >= ?
                   and not i.indisunique and not i.indisexclusion and not i.indisreplident and i.indisvalid
                   and not c.relispartition and c.relpersistence <> 't'
                   and not exists (select from pg_constraint k where k.conindid = c.oid and k.contype in ('p', 'u', 'x'))
                   and c.relnamespace not in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema', 'pg_toast'))
                 order by c.relpages desc, c.oid limit 500)
            select facts.*, case when l.oid is not null then format('%I.%I', n.nspname, l.relname) end as index, l.indrelid::regclass::text as "table",
                   l.relpages::bigint * current_setting('block_size')::bigint as bytes, pg_stat_get_numscans(l.oid) as scans,
                   pg_get_indexdef(l.oid) as definition
              from facts left join largest l on true left join pg_namespace n on n.oid = l.relnamespace
             order by bytes desc nulls last, l.oid""";

    /** An index that is not there has 0. */
    private static final String ON_STANDBY =
            "select name, coalesce(pg_stat_get_numscans(to_regclass(name)), 0) from unnest(?::text[]) as named(name)";

    @Override
    public String verb() {
        return "indexUsage";
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> all = look.rows(SQL, least);
        Row facts = all.get(0);
        List<Row> indexes = all.stream().filter(row -> row.has("index")).toList();
        Findings findings = new Findings();
        Map<String, Long> elsewhere = new HashMap<>();
        boolean complete = scansOnStandbys(indexes, elsewhere, findings);
        Map<String, Sample> before = look.past("index_scans", REMEMBERED);
        List<Idle> idle = new ArrayList<>();
        List<Measurement> figures = new ArrayList<>();
        // Where an answer is missing, a sum without it would make an index look unused, now or at a later look.
        List<Row> judged = complete ? indexes : List.of();
        for (Row row : judged) {
            boolean kept = figures.size() < 2 * MOST_KEPT;
            long scans = row.whole("scans") + elsewhere.getOrDefault(row.text("index"), 0L);
            Duration unused = unusedFor(look, facts, row, scans, before, kept);
            if (unused != null && unused.compareTo(over) >= 0) {
                idle.add(new Idle(row, scans, unused));
            }
            if (kept) {
                figures.add(look.figure("index_scans", row.text("index"), (double) scans));
                figures.add(look.figure("index_bytes", row.text("index"), row.real("bytes")));
            }
        }
        look.note(figures);
        boolean unasked = facts.whole("standbys") > standbys.count();
        idle.stream().limit(MOST_NAMED).forEach(one -> tell(findings, one, unasked));
        if (unasked) {
            findings.say(
                    "standbysNotAsked",
                    Findings.count(facts.whole("standbys"), "replica reads", "replicas read")
                            + " from this server, and " + standbys.count()
                            + " of them were asked: what is unused here may be used there");
        }
        return findings.review(look, "index usage", summary(facts, indexes, idle), rows(indexes, elsewhere, idle));
    }

    /** @param scans on all servers that were asked */
    private record Idle(Row row, long scans, Duration unused) {}

    /** @return whether all of them answered */
    private boolean scansOnStandbys(List<Row> indexes, Map<String, Long> scans, Findings findings) throws SQLException {
        if (indexes.isEmpty()) {
            return true;
        }
        List<String> names = indexes.stream().map(row -> row.text("index")).toList();
        standbys.unreachable().forEach((name, why) -> unreachable(findings, name, why));
        boolean complete = standbys.unreachable().isEmpty();
        for (Session standby : standbys.sessions()) {
            try {
                standby.list(ON_STANDBY, row -> Map.entry(row.getString(1), row.getLong(2)), names)
                        .forEach(one -> scans.merge(one.getKey(), one.getValue(), Long::sum));
            } catch (SQLException e) {
                if (standby.isUsable()) {
                    throw e;
                }
                complete = false;
                unreachable(findings, standby.database().name(), String.valueOf(e.getMessage()));
            }
        }
        return complete;
    }

    private static void unreachable(Findings findings, String database, String why) {
        findings.warn(
                "unreachable",
                "database '" + database + "' cannot be asked, so no index is told to be unused: " + why,
                Map.of("database", database),
                "");
    }

    /**
     * For how long it is known that nobody has used it. What the agent has seen itself goes before the server's statistics, because those do not
     * say when an index was made.
     *
     * @param kept whether the agent remembers it from one look to the next
     * @return null when it was used, or nobody knows
     */
    private @Nullable Duration unusedFor(
            Look look, Row facts, Row row, long scans, Map<String, Sample> before, boolean kept) {
        Sample first = before.get(row.text("index"));
        Duration seen = first == null ? null : Duration.between(first.at(), look.now());
        if (scans > 0) {
            return first != null && Math.round(first.value()) == scans ? seen : null;
        }
        Duration known = facts.has("knownSeconds") ? facts.seconds("knownSeconds") : null;
        if (first == null) {
            return before.isEmpty() || !kept ? known : Duration.ZERO;
        }
        Instant begun = before.values().stream()
                .map(Sample::at)
                .min(Comparator.naturalOrder())
                .orElse(look.now());
        boolean newer = Duration.between(begun, first.at()).compareTo(Duration.ofHours(1)) > 0;
        return known == null || newer || seen == null || seen.compareTo(known) > 0 ? seen : known;
    }

    private static void tell(Findings findings, Idle one, boolean unasked) {
        String index = one.row().text("index");
        Map<String, Object> evidence = new LinkedHashMap<>(one.row().only("index", "table", "bytes", "definition"));
        evidence.put("unusedSeconds", one.unused().toSeconds());
        findings.warn(
                "unused",
                "index " + index + " on " + one.row().text("table") + " takes "
                        + new Bytes(one.row().whole("bytes")) + ", slows down every write, and was not used for "
                        + DurationText.say(one.unused()),
                evidence,
                "DROP INDEX CONCURRENTLY " + index + ";" + (unasked ? " -- ask the standbys first: alsoAsk" : ""));
    }

    private String summary(Row facts, List<Row> indexes, List<Idle> idle) {
        if (indexes.isEmpty()) {
            return "no index of " + least + " or more that could be unused";
        }
        long bytes = idle.stream().mapToLong(one -> one.row().whole("bytes")).sum();
        String known = facts.has("knownSeconds")
                ? "; statistics reach back " + DurationText.say(facts.seconds("knownSeconds"))
                : "";
        return (idle.isEmpty()
                        ? "none of " + Findings.count(indexes.size(), "index", "indexes")
                                + " is known to be unused for " + DurationText.say(over)
                        : idle.size() + " of " + Findings.count(indexes.size(), "index", "indexes") + " with "
                                + new Bytes(bytes) + " unused for " + DurationText.say(over))
                + known;
    }

    private static List<Map<String, Object>> rows(List<Row> indexes, Map<String, Long> elsewhere, List<Idle> idle) {
        Map<String, Idle> unused = new HashMap<>();
        idle.forEach(one -> unused.put(one.row().text("index"), one));
        return indexes.stream()
                .sorted(Comparator.comparing((Row row) -> !unused.containsKey(row.text("index"))))
                .limit(Findings.MOST_ROWS)
                .map(row -> {
                    Map<String, Object> shown = row.only("index", "table", "bytes", "scans");
                    Long more = elsewhere.get(row.text("index"));
                    if (more != null) {
                        shown.put("scansOnStandbys", more);
                    }
                    Idle one = unused.get(row.text("index"));
                    if (one != null) {
                        shown.put("unusedSeconds", one.unused().toSeconds());
                    }
                    return shown;
                })
                .toList();
    }
}
