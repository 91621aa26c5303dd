package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.measures.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** How databases keep what was promised of them, as the agent measured it last. */
final class SloCollector extends Collector {

    private final Supplier<List<Measurement>> figures;

    SloCollector(Supplier<List<Measurement>> figures) {
        this.figures = figures;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily latency = new GaugeMetricFamily(
                "watchkeeper_slo_latency_seconds",
                "How long probes took in the last hour",
                List.of("database", "kind", "quantile"));
        GaugeMetricFamily errors = new GaugeMetricFamily(
                "watchkeeper_slo_error_ratio",
                "Which share of transactions and probes failed in the last hour",
                List.of("database"));
        GaugeMetricFamily budget = new GaugeMetricFamily(
                "watchkeeper_slo_budget_remaining_ratio",
                "What is left of what may go wrong in 30 days; below 0 it is overdrawn",
                List.of("database", "objective"));
        GaugeMetricFamily burn = new GaugeMetricFamily(
                "watchkeeper_slo_burn_rate",
                "How many times as fast as it lasts the budget of 30 days is spent",
                List.of("database", "objective", "window"));
        GaugeMetricFamily at = new GaugeMetricFamily(
                "watchkeeper_slo_measured_timestamp_seconds", "When this was measured last", List.of("database"));
        for (Measurement figure : figures.get()) {
            List<String> labels = new ArrayList<>(List.of(figure.database()));
            if (!figure.subject().isEmpty()) {
                labels.addAll(List.of(figure.subject().split(" ", -1)));
            }
            switch (figure.metric()) {
                case "latency" -> latency.addMetric(labels, figure.value());
                case "errors" -> errors.addMetric(labels, figure.value());
                case "budget" -> budget.addMetric(labels, figure.value());
                case "burn" -> burn.addMetric(labels, figure.value());
                case "at" -> at.addMetric(labels, figure.value());
                default -> {}
            }
        }
        return List.of(latency, errors, budget, burn, at);
    }
}
