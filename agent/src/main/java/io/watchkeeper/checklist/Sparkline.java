package io.watchkeeper.checklist;

import io.watchkeeper.measures.Sample;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** The course of a figure as a small picture inside a page; what it shows is also said in numbers beside it. */
final class Sparkline {

    private static final int WIDTH = 160;
    private static final int HEIGHT = 28;
    private static final int MOST_POINTS = 80;

    private Sparkline() {}

    static String of(List<Sample> samples) {
        Instant from = samples.get(0).at();
        double span = Math.max(
                1, Duration.between(from, samples.get(samples.size() - 1).at()).toSeconds());
        double low = samples.stream().mapToDouble(Sample::value).min().orElse(0);
        double high = samples.stream().mapToDouble(Sample::value).max().orElse(0);
        // A course that hardly moves is not to look like a mountain.
        double range = Math.max(high - low, Math.max(Math.abs(high) * 0.1, 1e-9));
        StringBuilder points = new StringBuilder();
        for (Sample sample : thinned(samples)) {
            points.append(String.format(
                    Locale.ROOT,
                    "%.1f,%.1f ",
                    WIDTH * Duration.between(from, sample.at()).toSeconds() / span,
                    HEIGHT - 2 - (HEIGHT - 4) * (sample.value() - low) / range));
        }
        return String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" aria-hidden=\"true\"><polyline points=\"%s\"/></svg>",
                WIDTH,
                HEIGHT,
                WIDTH,
                HEIGHT,
                points.toString().strip());
    }

    /** Evenly, and always with the last one. */
    private static List<Sample> thinned(List<Sample> samples) {
        int every = 1 + samples.size() / MOST_POINTS;
        int last = samples.size() - 1;
        return java.util.stream.IntStream.rangeClosed(0, last)
                .filter(i -> i == last || i % every == 0)
                .mapToObj(samples::get)
                .toList();
    }
}
