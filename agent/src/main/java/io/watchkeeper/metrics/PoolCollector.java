package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.PoolFigures;
import java.util.List;
import java.util.function.ToIntFunction;

/** The connection pools under HikariCP's own names, read when they are scraped. */
final class PoolCollector extends Collector {

    private final DatabasePools pools;

    PoolCollector(DatabasePools pools) {
        this.pools = pools;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        List<PoolFigures> figures =
                pools.all().stream().map(Database::poolFigures).toList();
        return List.of(
                family("hikaricp_active_connections", "Connections in use", figures, PoolFigures::active),
                family("hikaricp_idle_connections", "Connections kept for the next use", figures, PoolFigures::idle),
                family("hikaricp_pending_threads", "Work waiting for a connection", figures, PoolFigures::waiting),
                family("hikaricp_connections", "Connections in all", figures, f -> f.active() + f.idle()),
                family("hikaricp_max_connections", "The configured cap", figures, PoolFigures::max),
                local());
    }

    private MetricFamilySamples local() {
        GaugeMetricFamily family = new GaugeMetricFamily(
                "watchkeeper_database_local",
                "Whether the configured database is on the agent's own host, so that its silence is no matter of a link",
                List.of("database"));
        pools.all()
                .forEach(database -> family.addMetric(
                        List.of(database.name()), database.settings().local() ? 1 : 0));
        return family;
    }

    private static MetricFamilySamples family(
            String name, String help, List<PoolFigures> figures, ToIntFunction<PoolFigures> value) {
        GaugeMetricFamily family = new GaugeMetricFamily(name, help, List.of("pool"));
        figures.forEach(f -> family.addMetric(List.of(f.database()), value.applyAsInt(f)));
        return family;
    }
}
