package io.watchkeeper.config;

import io.watchkeeper.units.Ratio;
import java.time.Duration;

/**
 * What is promised of a database.
 *
 * @param readP95 in which 95 of 100 reads are answered
 * @param writeP95 in which 95 of 100 writes are committed
 * @param errors which share of transactions may fail
 * @param rollbacks whether a transaction that is rolled back counts as failed
 * @param probe whether rows are read and written to measure it
 * @param probes reads, and as many writes, of one look
 */
public record Promise(Duration readP95, Duration writeP95, Ratio errors, boolean rollbacks, boolean probe, int probes) {

    /** As the house's standard has it. */
    public static final Promise USUAL =
            new Promise(Duration.ofMillis(20), Duration.ofMillis(40), Ratio.percent(0.5), true, true, 20);
}
