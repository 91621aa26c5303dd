package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.measures.Measurement;
import java.util.List;
import java.util.function.Supplier;

/** How much of the worst tables is empty or dead, as the agent saw it last. */
final class BloatCollector extends Collector {

    private static final List<String> LABELS = List.of("database", "table");

    private final Supplier<List<Measurement>> figures;

    BloatCollector(Supplier<List<Measurement>> figures) {
        this.figures = figures;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily bloat = new GaugeMetricFamily(
                "watchkeeper_table_bloat_ratio",
                "Which share of the table is empty, estimated from statistics; of each database's worst tables",
                LABELS);
        GaugeMetricFamily dead = new GaugeMetricFamily(
                "watchkeeper_dead_tuple_ratio",
                "Which share of the table's rows is dead; of each database's worst tables",
                LABELS);
        for (Measurement figure : figures.get()) {
            List<String> labels = List.of(figure.database(), figure.subject());
            switch (figure.metric()) {
                case "table_bloat_ratio" -> bloat.addMetric(labels, figure.value());
                case "table_dead_ratio" -> dead.addMetric(labels, figure.value());
                default -> {}
            }
        }
        return List.of(bloat, dead);
    }
}
