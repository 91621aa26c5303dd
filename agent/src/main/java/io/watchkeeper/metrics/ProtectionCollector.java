package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.WalState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Backups, archives and drills, read from the repository when they are scraped. */
final class ProtectionCollector extends Collector {

    private static final List<String> KINDS = List.of("dump", "base", "incremental");
    private static final List<String> BY_KIND = List.of("database", "kind");

    private final Supplier<Protection> protection;
    private volatile Protection known = Protection.NONE;

    ProtectionCollector(Supplier<Protection> protection) {
        this.protection = protection;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        try {
            known = protection.get();
        } catch (OperatorException e) {
            // What was known goes on ageing: a series that stops is no alert.
        }
        Protection now = known;
        List<MetricFamilySamples> families = new ArrayList<>(backups(now));
        families.add(archives(now));
        families.addAll(drills(now));
        return families;
    }

    private static List<MetricFamilySamples> backups(Protection now) {
        GaugeMetricFamily success = new GaugeMetricFamily(
                "watchkeeper_backup_last_success_timestamp_seconds",
                "When the newest backup that is not damaged was finished",
                BY_KIND);
        GaugeMetricFamily size = new GaugeMetricFamily(
                "watchkeeper_backup_size_bytes",
                "What the newest backup that is not damaged takes in the repository",
                BY_KIND);
        GaugeMetricFamily damaged =
                new GaugeMetricFamily("watchkeeper_backup_damaged", "Backups that are known to be damaged", BY_KIND);
        for (String database : now.databases()) {
            for (String kind : KINDS) {
                List<String> labels = List.of(database, kind);
                now.newestGood(database, kind).ifPresent(newest -> {
                    success.addMetric(labels, seconds(newest.finishedAt()));
                    size.addMetric(labels, (double) newest.bytes());
                });
                List<BackupState> all = now.backups().stream()
                        .filter(b -> b.database().equals(database) && b.kind().equals(kind))
                        .toList();
                if (!all.isEmpty()) {
                    damaged.addMetric(labels, (double)
                            all.stream().filter(b -> !b.isGood()).count());
                }
            }
        }
        return List.of(success, size, damaged);
    }

    private static MetricFamilySamples archives(Protection now) {
        GaugeMetricFamily last = new GaugeMetricFamily(
                "watchkeeper_wal_archive_last_timestamp_seconds",
                "Until when every transaction that was committed is in the archive",
                List.of("database"));
        for (WalState archive : now.archives()) {
            if (archive.recoverableTo() != null) {
                last.addMetric(List.of(archive.database()), seconds(archive.recoverableTo()));
            }
        }
        return last;
    }

    /** One figure each for the host: the worst of the databases that are drilled. */
    private static List<MetricFamilySamples> drills(Protection now) {
        List<DrillState> newest = now.databases().stream()
                .map(now::newestDrill)
                .flatMap(Optional::stream)
                .toList();
        GaugeMetricFamily success = gauge(
                "watchkeeper_pitr_drill_last_success_timestamp_seconds",
                "When the last good drill ended, of the database whose last good drill is longest ago; 0 for never");
        now.databases().stream()
                .filter(database -> now.newestDrill(database).isPresent())
                .mapToDouble(database -> now.newestPassedDrill(database)
                        .map(drill -> seconds(drill.at()))
                        .orElse(0.0))
                .min()
                .ifPresent(oldest -> success.addMetric(List.of(), oldest));
        return List.of(
                worst(
                        "watchkeeper_pitr_drill_rpo_seconds",
                        "What the newest drill lost",
                        newest,
                        DrillState::rpoSeconds),
                worst(
                        "watchkeeper_pitr_drill_rto_seconds",
                        "How long the newest drill took",
                        newest,
                        DrillState::rtoSeconds),
                success);
    }

    private static MetricFamilySamples worst(
            String name, String help, List<DrillState> newest, Function<DrillState, @Nullable Double> figure) {
        GaugeMetricFamily family = gauge(name, help + "; the worst of the databases");
        Double worst = null;
        for (DrillState drill : newest) {
            Double value = figure.apply(drill);
            if (value != null && (worst == null || value > worst)) {
                worst = value;
            }
        }
        if (worst != null) {
            family.addMetric(List.of(), worst);
        }
        return family;
    }

    private static GaugeMetricFamily gauge(String name, String help) {
        return new GaugeMetricFamily(name, help, List.of());
    }

    private static double seconds(Instant instant) {
        return instant.toEpochMilli() / 1e3;
    }
}
