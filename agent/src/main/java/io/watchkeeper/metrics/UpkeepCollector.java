package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.postgres.ServerUpkeep;
import java.util.List;
import java.util.function.Supplier;

/** How far servers are from having to stop because their transaction ids run out, as the agent saw it last. */
final class UpkeepCollector extends Collector {

    private static final List<String> LABELS = List.of("database");

    private final Supplier<List<ServerUpkeep>> servers;

    UpkeepCollector(Supplier<List<ServerUpkeep>> servers) {
        this.servers = servers;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily age = new GaugeMetricFamily(
                "watchkeeper_transaction_id_age",
                "Transactions since the oldest one that is not frozen; PostgreSQL stops writing near 2.1 billion",
                LABELS);
        GaugeMetricFamily autovacuum =
                new GaugeMetricFamily("watchkeeper_autovacuum_enabled", "Whether autovacuum is on", LABELS);
        for (ServerUpkeep server : servers.get()) {
            List<String> labels = List.of(server.database());
            age.addMetric(labels, (double) server.oldestXidAge());
            autovacuum.addMetric(labels, server.enabled() ? 1 : 0);
        }
        return List.of(age, autovacuum);
    }
}
