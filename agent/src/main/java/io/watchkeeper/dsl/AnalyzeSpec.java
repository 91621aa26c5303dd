package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.maintenance.AnalyzePlan;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code analyze('ship', 'public.documents') { … }} */
@Block(
        name = "analyze",
        value = "How tables are analyzed.",
        words = {"whenChanged", "budget", "until", "window", "zone", "skipLocked", "lockTimeout"})
public final class AnalyzeSpec extends TimeFrameWords {

    private @Nullable Ratio whenChanged;
    private boolean skipLocked;
    private Duration lockTimeout = Session.DEFAULT_LOCK_TIMEOUT;

    AnalyzeSpec(TextChecks texts) {
        super(texts);
    }

    @Word(
            value =
                    "Only tables of which at least this share was written since they were last analyzed, and those that never were. Of"
                            + " a partitioned table, which autovacuum never analyzes, also what was written to its partitions.",
            example = "whenChanged 10.percent",
            byDefault = "every table named")
    public void whenChanged(Ratio share) {
        whenChanged = share;
    }

    @Word(
            value = "Leaves out tables that are in use, says by whom, and does not fail.",
            example = "skipLocked true",
            byDefault = "false")
    public void skipLocked(boolean yes) {
        skipLocked = yes;
    }

    @Word(
            value = "How long to wait for a table that is in use.",
            example = "lockTimeout 10.seconds",
            byDefault = "5.seconds")
    public void lockTimeout(Duration limit) {
        lockTimeout = limit;
    }

    AnalyzePlan plan(List<String> tables) {
        return new AnalyzePlan(tables, whenChanged, skipLocked, lockTimeout, timeFrame());
    }
}
