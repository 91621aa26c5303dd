package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How large the databases of a server are, how much they grow a day, and when they will have filled the disk of the data directory, where the
 * server is on this host.
 *
 * @param warn full within so long
 * @param largest a server whose databases are together so large is a warning; null for no limit
 */
public record DatabaseSizeCheck(
        Duration warn, Duration fail, @Nullable Bytes largest) implements Check {

    public static final DatabaseSizeCheck USUAL = new DatabaseSizeCheck(Duration.ofDays(30), Duration.ofDays(7), null);

    /** Growth over less time is a wave and no tide. */
    private static final Duration RATE_OVER = Duration.ofHours(6);

    /**
     * To tell a database's size, the server looks at each of its files, some 3 µs each: that is long where a database has tens of thousands of
     * relations. Of such a one, which is known by a catalogue of more than 4 MB, only relations of 80 MB and more are looked at. The others
     * are taken to have the pages that VACUUM and ANALYZE found, and three for the map of free space and one for that of visibility.
     */
    private static final String SQL = """
            with d as materialized (
                select oid, datname, datname = current_database() as here,
                       has_database_privilege(oid, 'connect') or pg_has_role('pg_read_all_stats', 'usage') as readable,
                       datname = current_database() and pg_relation_size('pg_class'::regclass) > 4 * 1024 * 1024 as many
                  from pg_database)
            select datname::text as database, readable, here, many,
                   case when readable and not many then pg_database_size(oid)
                        when many then (select current_setting('block_size')::bigint
                                                 * sum(relpages + case when relkind in ('r', 'm', 't') and relpages > 0
                                                                       then 3 + (relallvisible > 0)::int else 0 end)
                                                       filter (where relpages < 10000)
                                               + coalesce(sum(pg_relation_size(oid)) filter (where relpages >= 10000), 0)
                                          from pg_class where relkind in ('r', 'm', 't', 'i', 'S'))::bigint end as bytes,
                   case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') end as "dataDirectory",
                   quote_ident(current_user) as role
              from d
             order by bytes desc nulls last, datname""";

    @Override
    public String verb() {
        return "databaseSizes";
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> databases = look.rows(SQL);
        Map<String, Sample> before = look.past("database_bytes");
        List<Map<String, Object>> rows = new ArrayList<>();
        List<Measurement> figures = new ArrayList<>();
        double perDay = 0;
        boolean grows = false;
        for (Row row : databases) {
            Map<String, Object> shown = row.only("database", "bytes");
            if (row.has("bytes")) {
                String subject = subject(row);
                figures.add(look.figure("database_bytes", subject, row.real("bytes")));
                OptionalDouble growth = look.perDay(before.get(subject), row.real("bytes"), RATE_OVER);
                if (growth.isPresent()) {
                    grows = true;
                    perDay += growth.getAsDouble();
                    shown.put("grownPerDay", Math.round(growth.getAsDouble()));
                }
            }
            rows.add(shown);
        }
        look.note(figures);
        Findings findings = new Findings();
        long total = databases.stream().mapToLong(row -> row.whole("bytes")).sum();
        Duration full = judgeDisk(look, findings, databases.get(0), perDay);
        judgeSize(findings, total, databases);
        String summary = Findings.count(databases.size(), "database", "databases") + " with " + new Bytes(total)
                + (databases.stream().anyMatch(row -> row.is("many")) ? " by the planner's pages" : "")
                + (grows ? ", " + grown(perDay) + " a day" : "; how they grow is not known yet")
                + (full == null ? "" : "; the disk is full in " + DurationText.say(full));
        return findings.review(look, "database sizes", summary, rows);
    }

    /** The database that was configured is the one without a name, as everywhere. */
    private static String subject(Row row) {
        return row.is("here") ? "" : row.text("database");
    }

    private static String grown(double perDay) {
        Bytes amount = new Bytes(Math.round(Math.abs(perDay)));
        return (perDay < 0 ? "shrunk by " : "grown by ") + amount;
    }

    private @Nullable Duration judgeDisk(Look look, Findings findings, Row facts, double perDay) {
        Optional<Disks.Disk> disk = Disks.of(look, facts.text("dataDirectory"));
        if (disk.isEmpty()) {
            return null;
        }
        Bytes free = disk.get().free();
        Duration full = Findings.lasts((double) free.count(), perDay);
        if (full == null) {
            return null;
        }
        // Less is worse here.
        ReviewStatus status = Findings.below(full, warn, fail);
        if (status != ReviewStatus.OK) {
            Map<String, Object> evidence = new LinkedHashMap<>();
            evidence.put("free", free.count());
            evidence.put("grownPerDay", Math.round(perDay));
            evidence.put("dataDirectory", facts.text("dataDirectory"));
            findings.add(
                    status,
                    "fullSoon",
                    "the databases have " + grown(perDay) + " a day, and " + facts.text("dataDirectory") + " has "
                            + free + " free: it is full in " + DurationText.say(full),
                    evidence,
                    "SELECT c.oid::regclass, pg_size_pretty(pg_total_relation_size(c.oid)) FROM pg_class c WHERE relkind IN ('r', 'm')"
                            + " ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 10; -- then remove what is not needed, or add disk");
        }
        return full;
    }

    private void judgeSize(Findings findings, long total, List<Row> databases) {
        if (largest != null && new Bytes(total).compareTo(largest) >= 0) {
            findings.warn(
                    "large",
                    "the databases have " + new Bytes(total) + " together, and " + largest + " is the limit",
                    Map.of("bytes", total),
                    "remove what is not needed from " + databases.get(0).text("database")
                            + ", the largest, or raise the limit");
        }
        long hidden = databases.stream().filter(row -> !row.is("readable")).count();
        if (hidden > 0) {
            findings.unreadable(databases.get(0).text("role"), "the size of " + hidden + " of the databases");
        }
    }
}
