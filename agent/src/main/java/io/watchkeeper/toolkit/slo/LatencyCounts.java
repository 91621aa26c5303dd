package io.watchkeeper.toolkit.slo;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** How often something took how long, in steps of about a fifth: exact enough for percentiles, and of bounded size. */
final class LatencyCounts {

    private static final double LEAST_SECONDS = 0.0001;
    private static final int STEPS_A_DOUBLING = 4;
    private static final int MOST_STEPS = 80;

    private final TreeMap<Integer, Long> counts = new TreeMap<>();

    void add(Duration time) {
        add(step(time.toNanos() / 1e9), 1);
    }

    void add(int step, long count) {
        counts.merge(Math.max(0, Math.min(step, MOST_STEPS)), count, Long::sum);
    }

    void add(LatencyCounts other) {
        other.counts.forEach(this::add);
    }

    long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    Map<Integer, Long> steps() {
        return counts;
    }

    private static int step(double seconds) {
        return (int)
                Math.ceil(STEPS_A_DOUBLING * Math.log(Math.max(seconds, LEAST_SECONDS) / LEAST_SECONDS) / Math.log(2));
    }

    /** Up to which so many of them took, in seconds; within its step, as if they were spread evenly. */
    OptionalDouble quantile(double share) {
        double wanted = share * count();
        double below = 0;
        for (Map.Entry<Integer, Long> step : counts.entrySet()) {
            if (below + step.getValue() >= wanted) {
                double within = (wanted - below) / step.getValue();
                return OptionalDouble.of(bound(step.getKey() - 1 + within));
            }
            below += step.getValue();
        }
        return OptionalDouble.empty();
    }

    private static double bound(double step) {
        return LEAST_SECONDS * Math.pow(2, step / STEPS_A_DOUBLING);
    }
}
