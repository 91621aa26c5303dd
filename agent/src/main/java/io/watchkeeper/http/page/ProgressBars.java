package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.StepOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How far a running run has got: a bar, and the same in words. */
final class ProgressBars {

    private ProgressBars() {}

    static Html of(RunOutcome run, int steps, List<Map<String, Object>> progress, Saying say) {
        List<Html> bars = new ArrayList<>();
        long done = run.steps().stream().filter(s -> s.state().isFinal()).count();
        if (steps > 0) {
            String now = run.steps().stream()
                    .filter(s -> !s.state().isFinal())
                    .map(StepOutcome::name)
                    .findFirst()
                    .orElse("");
            bars.add(Html.of(
                    "<p class=\"step\">{} {}</p>",
                    say.words().say("running.step", Math.min(done + 1, steps), steps),
                    now));
        }
        progress.forEach(p -> bars.add(bar(p, say)));
        return Html.of("<div class=\"progress\" data-progress=\"{}\">{}</div>", run.runId(), bars);
    }

    private static Html bar(Map<String, Object> progress, Saying say) {
        Object subject = progress.get("subject");
        Object percent = progress.get("percent");
        // A bar without a value is one that only shows that something moves.
        return Html.of(
                "<div class=\"bar\" data-subject=\"{}\" data-stage=\"{}\" data-stage-ms=\"{}\"><p class=\"lead\"><b>{}</b>"
                        + " <span class=\"outlook\">{}</span></p><progress max=\"100\"{} aria-label=\"{}\"></progress>"
                        + "<p class=\"figures\">{}</p></div>",
                subject,
                progress.get("stage"),
                progress.getOrDefault("stageMs", 0),
                subject,
                outlook(progress, say),
                percent == null ? Html.EMPTY : Html.of(" value=\"{}\"", percent),
                subject,
                figures(progress, say));
    }

    /** What one looks for first, {@code 64 %} and {@code 22 s left}; the script says the same. */
    private static Html outlook(Map<String, Object> progress, Saying say) {
        List<Html> parts = new ArrayList<>();
        if (progress.get("percent") instanceof Number percent) {
            parts.add(part("", percent + " %"));
        }
        if (progress.get("stalledSeconds") instanceof Number stalled) {
            parts.add(part("stalled", say.words().say("progress.stalled", seconds(stalled, say))));
        } else if (progress.get("etaSeconds") instanceof Number eta) {
            parts.add(part("", say.words().say("progress.eta", left(eta.longValue(), say))));
        } else if (progress.containsKey("overEstimate")) {
            parts.add(part("", say.words().say("progress.more")));
        } else if (progress.get("stageMs") instanceof Number time && !progress.containsKey("rowsPerSecond")) {
            String since = say.coarse(Duration.ofMillis(time.longValue()));
            parts.add(part("since", say.words().say("progress.since", since)));
        }
        return Html.join(Html.of(" "), parts);
    }

    /** {@code load · 640 000 rows · 19 000 rows/s · 15 MB · 1.2 MB/s}; the script says the same. */
    private static Html figures(Map<String, Object> progress, Saying say) {
        List<Html> parts = new ArrayList<>();
        parts.add(part("", String.valueOf(progress.get("stage"))));
        if (progress.get("rows") instanceof Number rows) {
            parts.add(part("", say.words().say("progress.rows", say.number(rows.longValue()))));
        }
        if (progress.get("rowsPerSecond") instanceof Number rate) {
            parts.add(part("", say.words().say("progress.rate", say.number(rate.longValue()))));
        }
        if (progress.get("bytes") instanceof Number bytes && bytes.longValue() > 0) {
            parts.add(part("wide", say.bytes(bytes.longValue())));
        }
        if (progress.get("bytesPerSecond") instanceof Number rate && rate.longValue() > 0) {
            parts.add(part("", say.bytes(rate.longValue()) + "/s"));
        }
        return Html.join(Html.of(" "), parts);
    }

    private static Html part(String kind, String words) {
        return Html.of("<span class=\"part{}\">{}</span>", kind.isEmpty() ? "" : " " + kind, words);
    }

    private static String seconds(Number count, Saying say) {
        return say.coarse(Duration.ofSeconds(count.longValue()));
    }

    /** Minutes with tens of seconds while there are few: half a minute more or less matters then. */
    private static String left(long seconds, Saying say) {
        long tens = (seconds + 5) / 10 * 10;
        return seconds < 60 || tens >= 600 || tens % 60 == 0
                ? say.coarse(Duration.ofSeconds(seconds < 60 ? seconds : tens))
                : say.coarse(Duration.ofSeconds(tens)) + " " + say.coarse(Duration.ofSeconds(tens % 60));
    }
}
