package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.audit.Anchor;
import io.watchkeeper.audit.AuditState;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.function.Supplier;

/**
 * How the audit trail stands, read when it is scraped. Position and hash together are an anchor that whoever can write on this
 * host cannot take back from Prometheus.
 */
final class AuditCollector extends Collector {

    /** 48 bits: a double holds them exactly. */
    private static final int HEX_DIGITS = 12;

    private final Supplier<AuditState> trail;
    private volatile AuditState known = AuditState.NONE;

    AuditCollector(Supplier<AuditState> trail) {
        this.trail = trail;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        try {
            known = trail.get();
        } catch (OperatorException e) {
            // What was known stays: a series that stops is no alert.
        }
        AuditState now = known;
        Anchor head = now.head();
        return List.of(
                gauge("watchkeeper_audit_position", "Position of the newest entry of the audit trail", now.position()),
                gauge(
                        "watchkeeper_audit_hash",
                        "The first 48 bits of the hash of the audit trail's newest entry, as a number",
                        head == null ? 0 : Long.parseLong(head.hash().substring(0, HEX_DIGITS), 16)),
                new CounterMetricFamily(
                        "watchkeeper_audit_entries",
                        "Entries that this process has put on the audit trail",
                        now.recorded()),
                gauge(
                        "watchkeeper_audit_verified_position",
                        "Up to which entry the audit trail was found to be as it was written",
                        now.checkedTo()),
                gauge(
                        "watchkeeper_audit_damaged",
                        "Whether the audit trail was found not to be as it was written",
                        now.damage() == null ? 0 : 1));
    }

    private static GaugeMetricFamily gauge(String name, String help, long value) {
        return new GaugeMetricFamily(name, help, value);
    }
}
