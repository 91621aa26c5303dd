package io.watchkeeper.replicas;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Thins out samples so that no peak is lost: of each stretch of time the worst sample stays, where it was. */
public final class LagSeries {

    private LagSeries() {}

    /**
     * @param samples oldest first
     * @param most how many may stay
     * @return the samples from then to then, oldest first
     */
    public static List<LagSample> thin(List<LagSample> samples, Instant from, Instant to, int most) {
        List<LagSample> within = samples.stream()
                .filter(s -> !s.at().isBefore(from) && !s.at().isAfter(to))
                .toList();
        if (within.size() <= most) {
            return within;
        }
        double width = Math.max(1, Duration.between(from, to).toMillis()) / (double) most;
        List<LagSample> thinned = new ArrayList<>();
        long last = -1;
        for (LagSample sample : within) {
            long column = (long) (Duration.between(from, sample.at()).toMillis() / width);
            if (column != last) {
                thinned.add(sample);
                last = column;
            } else if (sample.seconds() > thinned.get(thinned.size() - 1).seconds()) {
                thinned.set(thinned.size() - 1, sample);
            }
        }
        return List.copyOf(thinned);
    }
}
