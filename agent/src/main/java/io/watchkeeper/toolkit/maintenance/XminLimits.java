package io.watchkeeper.toolkit.maintenance;

import java.time.Duration;

/**
 * From where on somebody who keeps old rows is told of.
 *
 * @param warn after this time to look at
 * @param fail after this time to mend now
 * @param transactions to look at after so many transactions, however short the time
 */
public record XminLimits(Duration warn, Duration fail, long transactions) {

    public static final Duration WARN = Duration.ofHours(1);
    public static final Duration FAIL = Duration.ofHours(12);
    public static final long TRANSACTIONS = 10_000_000;
}
