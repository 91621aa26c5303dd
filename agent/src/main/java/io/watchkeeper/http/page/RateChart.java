package io.watchkeeper.http.page;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How fast a run has moved rows since it began to: an area under a line, with its peak and its length in words. */
final class RateChart {

    private RateChart() {}

    static Html of(List<RateSample> samples, Saying say) {
        double highest =
                samples.stream().mapToDouble(RateSample::rowsPerSecond).max().orElse(0);
        if (samples.size() < 3 || highest <= 0) {
            return Html.EMPTY;
        }
        RateSample last = samples.get(samples.size() - 1);
        double from = samples.get(0).second();
        double span = Math.max(1, last.second() - from);
        StringBuilder line = new StringBuilder();
        for (RateSample sample : samples) {
            line.append(String.format(
                    Locale.ROOT,
                    "%s%.1f %.1f",
                    line.isEmpty() ? "M" : "L",
                    100 * (sample.second() - from) / span,
                    39 - 36 * sample.rowsPerSecond() / highest));
        }
        Words words = say.words();
        String peak = words.say("progress.rate", say.number(Math.round(highest)));
        double most =
                samples.stream().mapToDouble(RateSample::bytesPerSecond).max().orElse(0);
        String bytes = most > 0 ? ", " + say.bytes(Math.round(most)) + "/s" : "";
        String caption = words.say("run.rate", peak + bytes, say.coarse(Duration.ofSeconds(Math.round(span))));
        return Html.of("""
                <figure class="rate"><figcaption>{}{}</figcaption>\
                <svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">\
                <path class="area" d="{}L100 40L0 40Z"/><path class="line n0" d="{}" vector-effect="non-scaling-stroke"/></svg></figure>
                """, caption, CloserLook.at(caption, series(samples), words), line, line);
    }

    /** As the script takes them: {@code [[second, rows a second, bytes a second], …]}. */
    private static String series(List<RateSample> samples) {
        return samples.stream()
                .map(sample -> String.format(
                        Locale.ROOT,
                        "[%.1f,%.1f,%.0f]",
                        sample.second(),
                        sample.rowsPerSecond(),
                        sample.bytesPerSecond()))
                .collect(Collectors.joining(",", "[", "]"));
    }
}
