package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is due, what fails, what runs, and whether the scheduler still does its work: worked out when it is scraped. */
final class RunbookCollector extends Collector {

    private static final List<String> LABELS = List.of("runbook");

    private final Supplier<List<RunbookStanding>> standings;
    private final BooleanSupplier schedulerAlive;

    RunbookCollector(Supplier<List<RunbookStanding>> standings, BooleanSupplier schedulerAlive) {
        this.standings = standings;
        this.schedulerAlive = schedulerAlive;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily failing = new GaugeMetricFamily(
                "watchkeeper_run_failing", "Whether the newest run that was not skipped failed or timed out", LABELS);
        GaugeMetricFamily paused =
                new GaugeMetricFamily("watchkeeper_runbook_paused", "Whether somebody has paused the runbook", LABELS);
        GaugeMetricFamily next = new GaugeMetricFamily(
                "watchkeeper_run_next_timestamp_seconds",
                "When the runbook will run next by its schedule; absent while it is paused",
                LABELS);
        GaugeMetricFamily due = new GaugeMetricFamily(
                "watchkeeper_run_due_timestamp_seconds",
                "The first time by its schedule after its newest run that succeeded or was skipped; in the past when it is overdue",
                LABELS);
        GaugeMetricFamily running = new GaugeMetricFamily(
                "watchkeeper_run_running_since_timestamp_seconds",
                "When the oldest run began that still runs; absent when none does",
                LABELS);
        for (RunbookStanding standing : standings.get()) {
            List<String> labels = List.of(standing.runbook());
            failing.addMetric(labels, standing.failing() ? 1 : 0);
            paused.addMetric(labels, standing.paused() ? 1 : 0);
            add(next, labels, standing.next());
            add(due, labels, standing.due());
            add(running, labels, standing.runningSince());
        }
        return List.of(
                failing,
                paused,
                next,
                due,
                running,
                new GaugeMetricFamily(
                        "watchkeeper_scheduler_alive",
                        "Whether the scheduler's own threads did something in the last 10 seconds",
                        schedulerAlive.getAsBoolean() ? 1 : 0));
    }

    private static void add(GaugeMetricFamily family, List<String> labels, @Nullable Instant at) {
        if (at != null) {
            family.addMetric(labels, at.toEpochMilli() / 1e3);
        }
    }
}
