package io.watchkeeper.toolkit.slo;

import io.watchkeeper.units.Ratio;
import java.time.Duration;

/**
 * What is promised of a database.
 *
 * @param readP95 in which 95 of 100 reads are answered
 * @param writeP95 in which 95 of 100 writes are committed
 * @param errors which share of transactions may fail
 * @param countRollbacks whether a transaction that is rolled back counts as failed; some programs end reading so
 * @param over for how long back the percentiles are told
 * @param probe whether rows are read and written to measure it; else it is estimated from pg_stat_statements
 * @param probes reads, and as many writes, of one look
 */
public record SloObjectives(
        Duration readP95,
        Duration writeP95,
        Ratio errors,
        boolean countRollbacks,
        Duration over,
        boolean probe,
        int probes) {

    /** Which share of reads and writes may be slower than their objective. */
    static final double SLOW_SHARE = 0.05;

    /** As the house's standard has it. */
    public static final SloObjectives USUAL = new SloObjectives(
            Duration.ofMillis(20), Duration.ofMillis(40), Ratio.percent(0.5), true, Duration.ofHours(1), true, 20);
}
