package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.TableStatisticsCheck;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;

/** {@code tableStatistics('shore') { … }} */
@Block(
        name = "tableStatistics",
        value = "What of tables is worth a word.",
        words = {"warn", "fail", "leastRows", "changed", "largeTable", "hot", "reportOnly"})
public final class TableStatisticsSpec extends LookSpec {

    private Ratio warn = TableStatisticsCheck.USUAL.warn();
    private Ratio fail = TableStatisticsCheck.USUAL.fail();
    private long leastRows = TableStatisticsCheck.USUAL.leastRows();
    private Ratio changed = TableStatisticsCheck.USUAL.changed();
    private Bytes largeTable = TableStatisticsCheck.USUAL.largeTable();
    private Ratio hot = TableStatisticsCheck.USUAL.hot();

    TableStatisticsSpec() {}

    @Word(value = "So large a share of dead rows is a warning.", example = "warn 10.percent", byDefault = "20.percent")
    public void warn(Ratio share) {
        warn = share;
    }

    @Word(
            value = "So large a share of dead rows fails the step.",
            example = "fail 50.percent",
            byDefault = "40.percent")
    public void fail(Ratio share) {
        fail = share;
    }

    @Word(
            value = "Tables with fewer dead, changed or updated rows are not judged.",
            example = "leastRows 1_000",
            byDefault = "10_000")
    public void leastRows(long number) {
        leastRows = number;
    }

    @Word(
            value = "So large a share of rows changed since the last ANALYZE is a warning.",
            example = "changed 20.percent",
            byDefault = "30.percent")
    public void changed(Ratio share) {
        changed = share;
    }

    @Word(
            value = "Tables from this size on should not be read from end to end again and again.",
            example = "largeTable 1.gigabytes",
            byDefault = "64.megabytes")
    public void largeTable(Bytes size) {
        largeTable = size;
    }

    @Word(
            value = "Fewer updates than this that leave the indexes alone are a warning, where the fillfactor is 100.",
            example = "hot 30.percent",
            byDefault = "50.percent")
    public void hot(Ratio share) {
        hot = share;
    }

    @Override
    Check check(Asked asked) {
        return new TableStatisticsCheck(warn, fail, leastRows, changed, largeTable, hot);
    }
}
