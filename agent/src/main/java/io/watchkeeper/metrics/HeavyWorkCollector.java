package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.engine.Strain;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** Who does heavy work on this host and who waits for it, read when it is scraped. */
final class HeavyWorkCollector extends Collector {

    private final Supplier<ArbiterState> heavy;
    private final Clock clock;

    HeavyWorkCollector(Supplier<ArbiterState> heavy, Clock clock) {
        this.heavy = heavy;
        this.clock = clock;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        try {
            return families(heavy.get());
        } catch (OperatorException e) {
            return List.of();
        }
    }

    private List<MetricFamilySamples> families(ArbiterState state) {
        GaugeMetricFamily wait = new GaugeMetricFamily(
                "watchkeeper_heavy_wait_seconds",
                "How long the run waits already that waits longest for a place",
                List.of());
        Instant now = clock.instant();
        wait.addMetric(
                List.of(),
                state.waiting().stream()
                        .mapToDouble(job ->
                                Math.max(0, Duration.between(job.since(), now).toMillis() / 1e3))
                        .max()
                        .orElse(0));
        GaugeMetricFamily places = new GaugeMetricFamily(
                "watchkeeper_heavy_places", "How many runs may do heavy work at once on this host", List.of());
        places.addMetric(List.of(), state.atOnce());
        return List.of(
                places,
                byKind("watchkeeper_heavy_working", "Runs that do heavy work on this host", state.working()),
                byKind("watchkeeper_heavy_waiting", "Runs that wait for a place to do heavy work", state.waiting()),
                wait,
                strains(state));
    }

    private static MetricFamilySamples byKind(String name, String help, List<ArbiterState.Job> jobs) {
        GaugeMetricFamily family = new GaugeMetricFamily(name, help, List.of("kind"));
        for (HeavyWork.Kind kind : HeavyWork.Kind.values()) {
            family.addMetric(List.of(kind.wireName()), (double)
                    jobs.stream().filter(job -> job.work().kind() == kind).count());
        }
        return family;
    }

    private static MetricFamilySamples strains(ArbiterState state) {
        GaugeMetricFamily family = new GaugeMetricFamily(
                "watchkeeper_heavy_strained",
                "Whether heavy work gives way, by what strains the host",
                List.of("kind"));
        for (Strain.Kind kind : Strain.Kind.values()) {
            family.addMetric(List.of(kind.wireName()), (double)
                    state.strains().stream().filter(s -> s.kind() == kind).count());
        }
        return family;
    }
}
