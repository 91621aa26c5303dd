package io.watchkeeper.toolkit.partition;

import io.watchkeeper.problem.OperatorException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * How a plain table is to become a partitioned one.
 *
 * @param table its name
 * @param column of dates or times by which it will be partitioned
 * @param zone in which days begin
 * @param prepare how long the steps that take their time may take: what was written until then stays one partition
 */
public record ConversionPlan(String table, String column, Period period, ZoneId zone, Duration prepare) {

    /** @throws OperatorException for a value that cannot be meant */
    public ConversionPlan {
        if (prepare.isNegative() || prepare.compareTo(Duration.ofDays(366)) > 0) {
            throw new OperatorException("'prepare' takes up to a year", "prepare 3.days");
        }
    }

    public static ConversionPlan monthly(String table, String column) {
        return new ConversionPlan(table, column, Period.MONTHLY, ZoneOffset.UTC, Duration.ofDays(3));
    }
}
