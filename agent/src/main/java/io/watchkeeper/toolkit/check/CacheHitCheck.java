package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many of the pages that were asked for were in the server's memory already: in the last day, or, at the first look, since the statistics
 * began.
 *
 * @param warn fewer than this share
 * @param fail fewer than this share; null for never
 * @param leastPages where fewer were asked for, nothing is judged
 */
public record CacheHitCheck(Ratio warn, @Nullable Ratio fail, long leastPages) implements Check {

    public static final CacheHitCheck USUAL = new CacheHitCheck(Ratio.percent(99), null, 100_000);

    private static final Duration A_DAY = Duration.ofHours(26);

    private static final String SQL = """
            select d.datname::text as database, d.blks_hit as hit, d.blks_read as read, d.datname = current_database() as here,
                   d.stats_reset as since, (select setting::bigint * current_setting('block_size')::bigint from pg_settings
                                             where name = 'shared_buffers') as "sharedBuffers"
              from pg_stat_database d where d.datname is not null
             order by d.datname = current_database() desc, d.blks_hit + d.blks_read desc""";

    @Override
    public String verb() {
        return "cacheHitRatio";
    }

    @Override
    public Review review(Look look) throws SQLException {
        List<Row> databases = look.rows(SQL);
        Row here = databases.get(0);
        Map<String, Sample> hits = look.past("blocks_hit", A_DAY);
        Map<String, Sample> reads = look.past("blocks_read", A_DAY);
        Sample hitBefore = hits.get("");
        Sample readBefore = reads.get("");
        // Counters that went back were reset in between.
        boolean since = hitBefore != null
                && readBefore != null
                && hitBefore.value() <= here.real("hit")
                && readBefore.value() <= here.real("read")
                && here.real("hit") + here.real("read") - hitBefore.value() - readBefore.value() >= (double) leastPages;
        double hit = here.real("hit") - (since && hitBefore != null ? hitBefore.value() : 0);
        double read = here.real("read") - (since && readBefore != null ? readBefore.value() : 0);
        Ratio ratio = Findings.share(hit, hit + read);
        boolean judged = hit + read >= (double) leastPages && hit + read > 0;
        List<Measurement> figures = new ArrayList<>(List.of(
                look.figure("blocks_hit", "", here.real("hit")), look.figure("blocks_read", "", here.real("read"))));
        if (judged) {
            figures.add(look.figure("cache_hit_ratio", "", ratio.share()));
        }
        look.note(figures);
        String period = since && hitBefore != null
                ? "in the last " + DurationText.say(Duration.between(hitBefore.at(), look.now()))
                : "since the statistics began";
        Findings findings = new Findings();
        if (judged) {
            judge(findings, here, ratio, read, period);
        }
        return findings.review(
                look,
                "cache hit ratio",
                judged
                        ? ratio + " of the pages asked for " + period + " were in memory"
                        : "too little was read " + period + " to judge it: " + Math.round(hit + read) + " pages",
                databases.stream().map(CacheHitCheck::shown).toList());
    }

    private static Map<String, Object> shown(Row row) {
        double all = row.real("hit") + row.real("read");
        Map<String, Object> shown = row.only("database", "hit", "read", "since");
        return all == 0 ? shown : Row.with(shown, "percent", Findings.percent(Findings.share(row.real("hit"), all)));
    }

    private void judge(Findings findings, Row here, Ratio ratio, double read, String period) {
        ReviewStatus status = Findings.below(ratio, warn, fail);
        if (status != ReviewStatus.OK) {
            Bytes buffers = new Bytes(here.whole("sharedBuffers"));
            findings.add(
                    status,
                    "low",
                    "only " + ratio + " of the pages asked for " + period + " were in memory (shared_buffers = "
                            + buffers + "); " + Math.round(read) + " had to be read",
                    Map.of(
                            "percent",
                            Findings.percent(ratio),
                            "pagesRead",
                            Math.round(read),
                            "sharedBuffers",
                            buffers.count()),
                    "ALTER SYSTEM SET shared_buffers = '" + 2 * buffers.count() / (1024 * 1024)
                            + "MB'; -- takes a restart; at most a quarter of the memory. Look first at what reads so much: slowQueries,"
                            + " tableStatistics");
        }
    }
}
