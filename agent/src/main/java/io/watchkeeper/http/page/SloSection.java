package io.watchkeeper.http.page;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.replicas.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How databases keep what was promised of them: a line for each, as the agent measured it last. */
final class SloSection {

    /** Less than that of the budget of thirty days should be looked at. */
    private static final double LITTLE = 0.25;

    private final Saying say;
    private final Words words;

    private SloSection(Saying say) {
        this.say = say;
        this.words = say.words();
    }

    /** @param figures metrics {@code latency} (subject {@code read 0.95}, seconds), {@code errors} and {@code budget} (shares) */
    static Html of(List<Measurement> figures, Saying say) {
        Map<String, Map<String, Double>> byDatabase = new TreeMap<>();
        for (Measurement figure : figures) {
            byDatabase
                    .computeIfAbsent(figure.database(), name -> new TreeMap<>())
                    .put((figure.metric() + " " + figure.subject()).strip(), figure.value());
        }
        SloSection section = new SloSection(say);
        return Html.all(byDatabase.entrySet().stream()
                .map(entry -> section.line(entry.getKey(), entry.getValue()))
                .toList());
    }

    private Html line(String database, Map<String, Double> figures) {
        List<Html> parts = new ArrayList<>();
        latency(parts, "slo.read", figures.get("latency read 0.95"));
        latency(parts, "slo.write", figures.get("latency write 0.95"));
        Double errors = figures.get("errors");
        if (errors != null) {
            parts.add(Html.text(words.say("slo.errors", percent(errors))));
        }
        figures.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("budget"))
                .min(Map.Entry.comparingByValue())
                .ifPresent(least -> parts.add(say.judged(
                        verdict(least.getValue()), words.say("slo.budget", percent(Math.max(0, least.getValue()))))));
        return parts.isEmpty()
                ? Html.EMPTY
                : Html.of("<p class=\"aside slo\"><b>{}</b> {}</p>", database, Html.join(Html.text(" · "), parts));
    }

    private void latency(List<Html> parts, String key, @Nullable Double seconds) {
        if (seconds != null) {
            parts.add(Html.text(words.say(key, String.format(Locale.ROOT, "%.1f ms", 1_000 * seconds))));
        }
    }

    private static Verdict verdict(double budget) {
        if (budget <= 0) {
            return Verdict.ALERT;
        }
        return budget < LITTLE ? Verdict.WARN : Verdict.OK;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.1 ? "%.2f %%" : "%.0f %%", 100 * share);
    }
}
