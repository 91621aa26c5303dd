package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.review.Review;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether checkpoints come by the clock, as they should, or because the log was full; how long they take; and whether sessions have to write
 * pages themselves. Judged is what came since the oldest look of the last day, where there was none of the last week, and at the first since the
 * statistics began.
 *
 * @param warn share of the checkpoints that were requested
 * @param leastCheckpoints fewer are not judged
 * @param backendWrites share of the pages that sessions wrote themselves; more is a warning
 * @param slowSync a checkpoint whose files take so long to reach the disk, on average, is a warning
 */
public record CheckpointCheck(Ratio warn, int leastCheckpoints, Ratio backendWrites, Duration slowSync)
        implements Check {

    public static final CheckpointCheck USUAL =
            new CheckpointCheck(Ratio.percent(30), 5, Ratio.percent(50), Duration.ofSeconds(10));

    /** A look each day at about the same time has the one before in it. */
    private static final Duration A_DAY = Duration.ofHours(26);

    private static final Duration A_WEEK = Duration.ofDays(8);

    /** Fewer pages than this many say nothing about who writes them: 8 MB. */
    private static final long LEAST_PAGES = 1_024;

    private static final List<String> COUNTERS =
            List.of("timed", "requested", "writeMs", "syncMs", "pages", "cleaned", "byBackends", "fsyncs");

    private static final String SETTINGS = """
            , (select setting::bigint * 1024 * 1024 from pg_settings where name = 'max_wal_size') as "maxWalSize",
            current_setting('checkpoint_timeout') as "timeout", pg_is_in_recovery() as standby""";

    private static final String SQL = """
            select checkpoints_timed as timed, checkpoints_req as requested, checkpoint_write_time as "writeMs",
                   checkpoint_sync_time as "syncMs", buffers_checkpoint as pages, buffers_clean as cleaned,
                   buffers_backend as "byBackends", buffers_backend_fsync as fsyncs, stats_reset as since""" + SETTINGS + " from pg_stat_bgwriter";

    /** On a standby, restartpoints do the work of checkpoints. */
    private static final String SQL_17 = """
            select num_timed + restartpoints_timed as timed, num_requested + restartpoints_req as requested,
                   c.write_time as "writeMs", c.sync_time as "syncMs", c.buffers_written as pages, b.buffers_clean as cleaned,
                   (select coalesce(sum(writes), 0) from pg_stat_io where backend_type = 'client backend' and object = 'relation'
                       and context = 'normal')::bigint as "byBackends",
                   (select coalesce(sum(fsyncs), 0) from pg_stat_io where backend_type = 'client backend' and object = 'relation')::bigint
                       as fsyncs,
                   c.stats_reset as since""" + SETTINGS + " from pg_stat_checkpointer c, pg_stat_bgwriter b";

    private static final int SPLIT_VERSION = 17;

    @Override
    public String verb() {
        return "checkpoints";
    }

    /** What was counted since a moment; empty when that is when the statistics began. */
    private record Counted(Map<String, Double> counts, Optional<Instant> since) {
        double get(String counter) {
            return counts.getOrDefault(counter, 0.0);
        }
    }

    @Override
    public Review review(Look look) throws SQLException {
        Row now = look.row(look.version() >= SPLIT_VERSION ? SQL_17 : SQL);
        Counted counted = since(look, now);
        look.note(COUNTERS.stream().map(counter -> figure(look, counter, now)).toList());
        Findings findings = new Findings();
        double all = counted.get("timed") + counted.get("requested");
        Map<String, Object> shown = shown(now, counted);
        if (all >= leastCheckpoints) {
            requested(findings, now, counted, shown);
            slowSync(findings, counted.get("syncMs") / all, shown);
        }
        writes(findings, counted, shown);
        String period = counted.since()
                .map(at -> " in the last " + DurationText.say(Duration.between(at, look.now())))
                .orElse(now.has("since") ? " since " + now.text("since") : "");
        return findings.review(
                look,
                "checkpoints",
                all == 0
                        ? "no checkpoint" + period
                        : Findings.count(Math.round(all), "checkpoint", "checkpoints") + period + ", "
                                + Math.round(counted.get("requested")) + " because the log was full or somebody asked",
                List.of(shown));
    }

    private static Measurement figure(Look look, String counter, Row now) {
        return look.figure("checkpoint_counter", counter, now.real(counter));
    }

    /** Counters that went back were reset in between: then they count from there. */
    private static Counted since(Look look, Row now) {
        Map<String, Sample> ofTheDay = look.past("checkpoint_counter", A_DAY);
        Map<String, Sample> before = ofTheDay.isEmpty() ? look.past("checkpoint_counter", A_WEEK) : ofTheDay;
        boolean known = COUNTERS.stream()
                .allMatch(counter ->
                        before.containsKey(counter) && before.get(counter).value() <= now.real(counter));
        Map<String, Double> counts = new LinkedHashMap<>();
        Instant first = null;
        for (String counter : COUNTERS) {
            Sample sample = known ? before.get(counter) : null;
            counts.put(counter, now.real(counter) - (sample == null ? 0 : sample.value()));
            first = sample == null ? first : sample.at();
        }
        boolean quiet = counts.getOrDefault("timed", 0.0) + counts.getOrDefault("requested", 0.0) == 0;
        if (first != null && quiet && Duration.between(first, look.now()).compareTo(Duration.ofHours(1)) < 0) {
            // The last look was just now, and says less than all the time before it.
            counts.replaceAll((counter, count) -> now.real(counter));
            first = null;
        }
        return new Counted(counts, Optional.ofNullable(first));
    }

    private static Map<String, Object> shown(Row now, Counted counted) {
        Map<String, Object> shown = new LinkedHashMap<>();
        counted.since().ifPresent(at -> shown.put("since", at.toString()));
        COUNTERS.forEach(counter -> shown.put(counter, Math.round(counted.get(counter))));
        shown.putAll(now.only("maxWalSize", "timeout"));
        return shown;
    }

    private void requested(Findings findings, Row now, Counted counted, Map<String, Object> shown) {
        double all = counted.get("timed") + counted.get("requested");
        Ratio share = Findings.share(counted.get("requested"), all);
        if (share.compareTo(warn) >= 0) {
            long larger = 2 * now.whole("maxWalSize");
            findings.warn(
                    "requested",
                    share + " of " + Math.round(all) + " checkpoints came before checkpoint_timeout ("
                            + now.text("timeout") + "): max_wal_size = " + new Bytes(now.whole("maxWalSize"))
                            + " is too small for what is written, or backups and people ask for many",
                    shown,
                    "ALTER SYSTEM SET max_wal_size = '" + larger / (1024 * 1024)
                            + "MB'; SELECT pg_reload_conf(); -- the disk of pg_wal must have that room");
        }
    }

    private void slowSync(Findings findings, double milliseconds, Map<String, Object> shown) {
        Duration average = Duration.ofMillis(Math.round(milliseconds));
        if (average.compareTo(slowSync) >= 0) {
            findings.warn(
                    "slowDisk",
                    "a checkpoint waits " + DurationText.say(average) + " for the disk at its end, on average",
                    shown,
                    "ALTER SYSTEM SET checkpoint_completion_target = 0.9; SELECT pg_reload_conf(); -- else the disk is too slow");
        }
    }

    private void writes(Findings findings, Counted counted, Map<String, Object> shown) {
        double written = counted.get("pages") + counted.get("cleaned") + counted.get("byBackends");
        Ratio share = Findings.share(counted.get("byBackends"), written);
        if (written >= LEAST_PAGES && share.compareTo(backendWrites) >= 0) {
            findings.warn(
                    "backendWrites",
                    share + " of the pages were written by sessions themselves, which wait for it",
                    shown,
                    "ALTER SYSTEM SET bgwriter_lru_maxpages = 400; ALTER SYSTEM SET bgwriter_delay = '50ms'; SELECT pg_reload_conf();");
        }
        if (counted.get("fsyncs") > 0) {
            findings.warn(
                    "backendSyncs",
                    "sessions had to sync files themselves " + Math.round(counted.get("fsyncs"))
                            + " times: the checkpointer does not keep up",
                    shown,
                    "look at the disk: iostat -x 5; more shared_buffers make its queue longer");
        }
    }
}
