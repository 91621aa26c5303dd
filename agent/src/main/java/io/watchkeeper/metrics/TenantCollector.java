package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** Whether tenants are proven to be kept apart, as the agent saw it last. */
final class TenantCollector extends Collector {

    private static final List<String> LABELS = List.of("database");

    private final Supplier<List<TenantStanding>> standings;

    TenantCollector(Supplier<List<TenantStanding>> standings) {
        this.standings = standings;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily tenants =
                new GaugeMetricFamily("watchkeeper_tenants", "Tenants that are not suspended", LABELS);
        GaugeMetricFamily failed = new GaugeMetricFamily(
                "watchkeeper_tenant_proofs_failed",
                "Tenants whose newest proof of being kept apart has failed",
                LABELS);
        GaugeMetricFamily unproven = new GaugeMetricFamily(
                "watchkeeper_tenants_unproven", "Tenants that were never proven to be kept apart", LABELS);
        GaugeMetricFamily oldest = new GaugeMetricFamily(
                "watchkeeper_tenant_proof_oldest_timestamp_seconds",
                "When the tenant was proven whose newest proof is the oldest",
                LABELS);
        for (TenantStanding standing : standings.get()) {
            List<String> labels = List.of(standing.database());
            tenants.addMetric(labels, standing.tenants());
            failed.addMetric(labels, standing.failed());
            unproven.addMetric(labels, standing.unproven());
            Instant at = standing.oldestProof();
            if (at != null) {
                oldest.addMetric(labels, at.toEpochMilli() / 1e3);
            }
        }
        return List.of(tenants, failed, unproven, oldest);
    }
}
