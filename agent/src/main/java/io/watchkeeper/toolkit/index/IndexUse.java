package io.watchkeeper.toolkit.index;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How often one server's queries have used indexes, and since when that is known: from the server's counters since they were last reset,
 * or from what the agent has seen of them before. Of an index that was not there at its first look, no longer than it has seen it.
 */
final class IndexUse {

    static final String SCANS = "index_scans";

    /** How many indexes there were at each look: the first one is the look before which nobody knows of any. */
    static final String LOOKS = "advised_indexes";

    private static final int REMEMBERED = 2_000;

    /** What was seen within this is taken for one look. */
    private static final Duration ONE_LOOK = Duration.ofHours(1);

    /** A crash takes the counters, and the moment shows in those of the archiver, which nobody resets by hand. */
    private static final String SINCE = """
            select extract(epoch from greatest(coalesce(d.stats_reset, '-infinity'), coalesce(a.stats_reset, pg_postmaster_start_time())))::float8
              from pg_stat_database d, pg_stat_archiver a where d.datname = current_database()""";

    private static final String COUNTERS = """
            select n.nspname, i.relname, coalesce(pg_stat_get_numscans(i.oid), 0)
              from pg_class i join pg_namespace n on n.oid = i.relnamespace
             where i.relkind = 'i' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'watchkeeper')
             order by i.oid desc""";

    private final String database;
    private final Instant since;
    private final Map<String, Long> scans;
    private final Map<String, Sample> before;
    private final Optional<Instant> firstLook;
    private final Set<String> remembered;

    private IndexUse(
            String database,
            Instant since,
            Map<String, Long> scans,
            Map<String, Sample> before,
            Optional<Instant> firstLook) {
        this.database = database;
        this.since = since;
        this.scans = scans;
        this.before = before;
        this.firstLook = firstLook;
        this.remembered = remembered(scans);
    }

    /**
     * Those that the agent will have seen the next time. Of the unused ones the newest, as the older ones were there before; and room is left
     * for those that are used seldom, of which only the agent knows since when.
     *
     * @param scans newest indexes first
     */
    private static Set<String> remembered(Map<String, Long> scans) {
        List<String> unused = new ArrayList<>();
        List<Map.Entry<String, Long>> used = new ArrayList<>();
        for (Map.Entry<String, Long> one : scans.entrySet()) {
            if (one.getValue() == 0) {
                unused.add(one.getKey());
            } else {
                used.add(one);
            }
        }
        used.sort(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
        return Stream.concat(
                        unused.stream().limit(Math.max(REMEMBERED / 2, REMEMBERED - used.size())),
                        used.stream().map(Map.Entry::getKey))
                .limit(REMEMBERED)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Reads them. @param unusedFor how far back what was seen matters */
    static IndexUse of(Session session, Measurements measurements, Instant now, Duration unusedFor)
            throws SQLException {
        String name = session.database().name();
        double seconds = session.one(SINCE, row -> row.getDouble(1));
        Map<String, Long> scans = new LinkedHashMap<>();
        session.list(
                COUNTERS,
                row -> scans.put(new IndexName(row.getString(1), row.getString(2)).toString(), row.getLong(3)));
        Instant from = now.minus(unusedFor.multipliedBy(2));
        Map<String, Sample> before = measurements.oldest(name, SCANS, from);
        // Others keep figures of indexes, too, but of a few only.
        Optional<Instant> firstLook = Optional.ofNullable(
                        measurements.oldest(name, LOOKS, from).get(""))
                .map(Sample::at);
        return new IndexUse(name, Instant.ofEpochSecond((long) seconds), scans, before, firstLook);
    }

    static IndexUse of(Database database, Work work, Measurements measurements, Instant now, Duration unusedFor)
            throws SQLException {
        try (Session session = database.open(work)) {
            return of(session, measurements, now, unusedFor);
        }
    }

    String database() {
        return database;
    }

    /** Since when no query of this server has used any of the indexes, as far as is known; now when one has. */
    Instant unusedSince(List<IndexName> indexes, Instant now) {
        Instant worst = Instant.EPOCH;
        Instant known = now;
        for (IndexName index : indexes) {
            Instant one = unusedSince(index.toString(), now);
            worst = one.isAfter(worst) ? one : worst;
            // The newest partition's is always young.
            Instant first = firstSeen(index.toString(), now);
            known = first.isBefore(known) ? first : known;
        }
        return worst.isAfter(known) ? worst : known;
    }

    /**
     * From when on the index is known to be there. The server does not know; what was there at the agent's first look may be as old as the
     * server's counters.
     */
    private Instant firstSeen(String index, Instant now) {
        Sample then = before.get(index);
        boolean unseen = then == null && !remembered.contains(index);
        if (firstLook.isEmpty() || unseen || !scans.containsKey(index)) {
            return since;
        }
        Instant seen = then == null ? now : then.at();
        return seen.isAfter(firstLook.get().plus(ONE_LOOK)) ? seen : since;
    }

    private Instant unusedSince(String index, Instant now) {
        Long count = scans.get(index);
        if (count == null || count == 0) {
            return since;
        }
        Sample then = before.get(index);
        // The same number as then: a reset meanwhile would have made it smaller, or it would have had to be reached
        // again.
        return then != null && then.value() == count && since.isBefore(then.at()) ? then.at() : now;
    }

    /** What the agent will have seen the next time. */
    List<Measurement> figures() {
        List<Measurement> figures = new ArrayList<>();
        figures.add(new Measurement(database, LOOKS, "", scans.size()));
        remembered.forEach(
                index -> figures.add(new Measurement(database, SCANS, index, scans.getOrDefault(index, 0L))));
        return figures;
    }
}
