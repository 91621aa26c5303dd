package io.watchkeeper.checklist;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;

/** A report's words in one language, its times in one zone. */
final class ReportWords {

    /** Every report is written in each of them. */
    static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.KOREAN);

    private final Locale language;
    private final ZoneId zone;
    private final ResourceBundle bundle;

    ReportWords(Locale language, ZoneId zone) {
        this.language = language;
        this.zone = zone;
        this.bundle = ResourceBundle.getBundle(
                "io.watchkeeper.checklist.report",
                language,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    String language() {
        return language.getLanguage();
    }

    /** The text of that key, {@code {0}}, {@code {1}} … replaced. */
    String say(String key, Object... values) {
        String text = bundle.getString(key);
        for (int i = 0; i < values.length; i++) {
            text = text.replace("{" + i + "}", values[i].toString());
        }
        return text;
    }

    private String count(String key, long number) {
        return say(key + (number == 1 ? ".one" : ".many"), number);
    }

    String title(ChecklistReport report) {
        return say("title." + report.kind().wireName());
    }

    /** The whole report in one sentence. */
    String verdict(ChecklistReport report) {
        int now = report.now().size();
        int later = report.later().size();
        if (!report.unfinished().isEmpty()) {
            return say("verdict.unfinished", report.unfinished());
        }
        if (now > 0) {
            return count("verdict.now", now) + (later > 0 ? count("verdict.and", later) : ".");
        }
        return later > 0
                ? count("verdict.later", later)
                : count("verdict.well", report.items().size());
    }

    String about(ChecklistReport report) {
        return say(
                "about",
                report.runbook(),
                report.host(),
                time(report.startedAt()),
                DurationText.say(report.took()),
                report.runId());
    }

    String state(ItemState state) {
        return say("state." + state.wireName());
    }

    private String time(Instant at) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm zzz", language).format(at.atZone(zone));
    }

    /** What a trend is of. */
    String figure(Trend trend) {
        String key = "metric." + trend.metric();
        String name =
                bundle.containsKey(key) ? bundle.getString(key) : trend.metric().replace('_', ' ');
        return trend.subject().isEmpty() ? name : name + ": " + trend.subject();
    }

    /** A value in the unit that its metric's name ends in. */
    static String value(String metric, double value) {
        if (metric.endsWith("_bytes")) {
            return Bytes.of(Math.max(0, Math.round(value))).toString();
        }
        if (metric.endsWith("_ratio")) {
            return new Ratio(Math.max(0, value)).toString();
        }
        if (metric.endsWith("_ms")) {
            return DurationText.say(Duration.ofMillis(Math.round(value)));
        }
        if (metric.endsWith("_seconds")) {
            return DurationText.say(Duration.ofMillis(Math.round(value * 1000)));
        }
        return String.format(Locale.ROOT, "%,.0f", value).replace(',', ' ');
    }

    String change(Trend trend) {
        double difference = trend.last() - trend.first();
        String said = value(trend.metric(), Math.abs(difference));
        return said.equals(value(trend.metric(), 0)) ? say("trends.same") : (difference < 0 ? "− " : "+ ") + said;
    }
}
