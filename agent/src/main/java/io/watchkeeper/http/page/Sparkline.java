package io.watchkeeper.http.page;

import io.watchkeeper.measures.Sample;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** A day in a small picture: the course of one figure, and its limit as a line. */
final class Sparkline {

    static final Duration SPAN = Duration.ofHours(24);

    /** A longer silence is a gap, not a line from before it to after it. */
    private static final Duration GAP = Duration.ofMinutes(20);

    private Sparkline() {}

    /**
     * @param samples oldest first
     * @param limit in the samples' unit
     * @param said the picture in words
     */
    static Html of(List<Sample> samples, double limit, Instant now, String said) {
        Instant from = now.minus(SPAN);
        List<Sample> known =
                samples.stream().filter(sample -> !sample.at().isBefore(from)).toList();
        if (known.size() < 2) {
            return Html.EMPTY;
        }
        double highest = known.stream().mapToDouble(Sample::value).max().orElse(0);
        double top = 1.15 * Math.max(limit, highest);
        StringBuilder path = new StringBuilder();
        Instant before = Instant.EPOCH;
        for (Sample sample : known) {
            boolean apart = Duration.between(before, sample.at()).compareTo(GAP) > 0;
            path.append(apart ? 'M' : 'L')
                    .append(String.format(
                            Locale.ROOT,
                            "%.1f %.1f",
                            100.0 * Duration.between(from, sample.at()).toMillis() / SPAN.toMillis(),
                            29 - 28 * sample.value() / top));
            before = sample.at();
        }
        String y = String.format(Locale.ROOT, "%.1f", 29 - 28 * limit / top);
        return Html.of("""
                <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="{}">\
                <line class="limit" x1="0" x2="100" y1="{}" y2="{}" vector-effect="non-scaling-stroke"/>\
                <path class="line n0" d="{}" vector-effect="non-scaling-stroke"/></svg>
                """, said, y, y, path);
    }
}
