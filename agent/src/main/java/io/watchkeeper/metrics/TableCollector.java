package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.TableState;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** How old the tables are that are kept the same, and how many rows differ: worked out when they are scraped. */
final class TableCollector extends Collector {

    private static final List<String> LABELS = List.of("database", "table");

    private final Supplier<List<TableState>> tables;
    private final Clock clock;
    private final int most;
    private volatile List<TableState> known = List.of();

    /** @param most tables, so that no scrape grows for ever */
    TableCollector(Supplier<List<TableState>> tables, Clock clock, int most) {
        this.tables = tables;
        this.clock = clock;
        this.most = most;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        try {
            known = tables.get();
        } catch (OperatorException e) {
            // What was known goes on ageing: a series that stops is no alert.
        }
        GaugeMetricFamily age = new GaugeMetricFamily(
                "watchkeeper_sync_age_seconds",
                "Since when the target's table is not known to be the same as a view of its source",
                LABELS);
        GaugeMetricFamily differences = new GaugeMetricFamily(
                "watchkeeper_verify_differences", "Rows that were not the same at the newest comparison", LABELS);
        known.stream().limit(most).forEach(table -> {
            List<String> labels = List.of(table.database(), table.table());
            if (table.syncedAt() != null) {
                Duration since = Duration.between(table.syncedAt(), clock.instant());
                age.addMetric(labels, Math.max(0, since.toMillis() / 1e3));
            }
            if (table.differences() != null) {
                differences.addMetric(labels, table.differences());
            }
        });
        return List.of(age, differences);
    }
}
