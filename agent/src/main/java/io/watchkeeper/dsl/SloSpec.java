package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.slo.SloObjectives;
import io.watchkeeper.units.Ratio;
import java.time.Duration;

/** {@code slo('shore') { … }} */
@Block(
        name = "slo",
        value = "What is promised of a database, and how it is measured.",
        words = {"readP95", "writeP95", "errors", "rollbacks", "over", "probe", "probes", "reportOnly"})
public final class SloSpec extends ReviewSpec {

    private static final int MOST_PROBES = 1_000;

    private Duration readP95 = SloObjectives.USUAL.readP95();
    private Duration writeP95 = SloObjectives.USUAL.writeP95();
    private Ratio errors = SloObjectives.USUAL.errors();
    private boolean rollbacks = SloObjectives.USUAL.countRollbacks();
    private Duration over = SloObjectives.USUAL.over();
    private boolean probe = SloObjectives.USUAL.probe();
    private int probes = SloObjectives.USUAL.probes();

    SloSpec() {}

    @Word(
            value = "In which 95 of 100 reads are to be answered.",
            example = "readP95 20.milliseconds",
            byDefault = "20.milliseconds")
    public void readP95(Duration time) {
        readP95 = time;
    }

    @Word(
            value = "In which 95 of 100 writes are to be committed.",
            example = "writeP95 40.milliseconds",
            byDefault = "40.milliseconds")
    public void writeP95(Duration time) {
        writeP95 = time;
    }

    @Word(value = "Which share of transactions may fail.", example = "errors 0.5.percent", byDefault = "0.5.percent")
    public void errors(Ratio share) {
        if (share.share() <= 0) {
            throw new OperatorException(
                    "errors 0 leaves no budget to spend", "say a small share: errors 0.01.percent.");
        }
        errors = share;
    }

    @Word(
            value =
                    "Whether every transaction that is rolled back counts as failed. Without it only deadlocks, cancelled queries of"
                            + " a standby and failed probes do, for programs that end reading with a rollback.",
            example = "rollbacks false",
            byDefault = "true")
    public void rollbacks(boolean count) {
        rollbacks = count;
    }

    @Word(
            value = "For how long back the percentiles are told and judged.",
            example = "over 15.minutes",
            byDefault = "1.hour")
    public void over(Duration time) {
        over = time;
    }

    @Word(
            value =
                    "Reads and writes rows of watchkeeper.slo_probe and takes the time. Without it percentiles are estimated from"
                            + " pg_stat_statements, and nothing is written.",
            example = "probe false",
            byDefault = "true")
    public void probe(boolean yes) {
        probe = yes;
    }

    @Word(value = "So many reads and so many writes a run.", example = "probes 50", byDefault = "20")
    public void probes(int number) {
        if (number < 1 || number > MOST_PROBES) {
            throw new OperatorException("probes " + number + " is not from 1 to " + MOST_PROBES, "20 is usual.");
        }
        probes = number;
    }

    SloObjectives objectives() {
        return new SloObjectives(readP95, writeP95, errors, rollbacks, over, probe, probes);
    }
}
