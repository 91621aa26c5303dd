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
        Object percent = progress.get("percent");
        // A bar without a value is one that only shows that something moves.
        return Html.of(
                "<div class=\"bar\" data-subject=\"{}\"><p><b>{}</b> <span>{}</span></p><progress max=\"100\"{} aria-label=\"{}\"></progress></div>",
                progress.get("subject"),
                progress.get("subject"),
                words(progress, say),
                percent == null ? Html.EMPTY : Html.of(" value=\"{}\"", percent),
                progress.get("subject"));
    }

    /** {@code load · 64 % · 640 000 rows · 19 000 rows/s · 1.2 MB/s · 22 s left}; the script says the same. */
    private static String words(Map<String, Object> progress, Saying say) {
        List<String> parts = new ArrayList<>();
        parts.add(String.valueOf(progress.get("stage")));
        if (progress.get("percent") instanceof Number percent) {
            parts.add(percent + " %");
        }
        if (progress.get("rows") instanceof Number rows) {
            parts.add(say.words().say("progress.rows", say.number(rows.longValue())));
        }
        if (progress.get("bytes") instanceof Number bytes && bytes.longValue() > 0) {
            parts.add(say.bytes(bytes.longValue()));
        }
        parts.addAll(pace(progress, say));
        return String.join(" · ", parts);
    }

    private static List<String> pace(Map<String, Object> progress, Saying say) {
        List<String> parts = new ArrayList<>();
        if (progress.get("stalledSeconds") instanceof Number stalled) {
            parts.add(say.words().say("progress.stalled", seconds(stalled, say)));
            return parts;
        }
        if (progress.get("rowsPerSecond") instanceof Number rate) {
            parts.add(say.words().say("progress.rate", say.number(rate.longValue())));
        } else if (!progress.containsKey("percent") && progress.get("stageMs") instanceof Number time) {
            parts.add(say.words().say("progress.since", say.coarse(Duration.ofMillis(time.longValue()))));
        }
        if (progress.get("bytesPerSecond") instanceof Number rate && rate.longValue() > 0) {
            parts.add(say.bytes(rate.longValue()) + "/s");
        }
        if (progress.get("etaSeconds") instanceof Number eta) {
            parts.add(say.words().say("progress.eta", seconds(eta, say)));
        } else if (progress.containsKey("overEstimate")) {
            parts.add(say.words().say("progress.eta", "–"));
        }
        return parts;
    }

    private static String seconds(Number count, Saying say) {
        return say.coarse(Duration.ofSeconds(count.longValue()));
    }
}
