package io.watchkeeper.http.page;

import io.watchkeeper.replicas.Verdict;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Says times, ages, states and amounts, the same way on every page. */
public final class Saying {

    private final Words words;
    private final Instant now;
    private final ZoneId zone;

    /** @param zone in which times are shown */
    public Saying(Words words, Instant now, ZoneId zone) {
        this.words = words;
        this.now = now;
        this.zone = zone;
    }

    public Words words() {
        return words;
    }

    Instant now() {
        return now;
    }

    ZoneId zone() {
        return zone;
    }

    /** Local date (where it is not today), time and zone. */
    Html time(Instant at) {
        return time(at, "HH:mm:ss");
    }

    /** As {@link #time}, to the minute. */
    Html minute(Instant at) {
        return time(at, "HH:mm");
    }

    /** The time of day to the second, for lines of a log. */
    Html clock(Instant at) {
        return stamp(at, DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).format(at.atZone(zone)));
    }

    private Html time(Instant at, String clock) {
        ZonedDateTime local = at.atZone(zone);
        boolean today = local.toLocalDate().equals(now.atZone(zone).toLocalDate());
        boolean thisYear = local.getYear() == now.atZone(zone).getYear();
        String pattern = (today ? "" : words.say(thisYear ? "time.day" : "time.date") + " ") + clock + " zzz";
        return stamp(at, DateTimeFormatter.ofPattern(pattern, words.language()).format(local));
    }

    private static Html stamp(Instant at, String text) {
        return Html.of("<time datetime=\"{}\">{}</time>", at, text);
    }

    /** {@code 3 min ago}; the script keeps it true. */
    Html ago(Instant at) {
        return Html.of(
                "<time class=\"ago\" datetime=\"{}\" title=\"{}\">{}</time>",
                at,
                plain(at),
                words.say("time.ago", coarse(Duration.between(at, now))));
    }

    /** {@code in 3 min}; the script keeps it true. */
    Html in(Instant at) {
        Duration left = Duration.between(now, at);
        return Html.of(
                "<time class=\"in\" datetime=\"{}\" title=\"{}\">{}</time>",
                at,
                plain(at),
                left.isNegative() ? words.say("time.due") : words.say("time.in", coarse(left)));
    }

    private String plain(Instant at) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss zzz", words.language())
                .format(at.atZone(zone));
    }

    /** One unit or two: what somebody would say of an age. */
    String coarse(Duration duration) {
        long s = Math.max(0, duration.toSeconds());
        if (s < 60) {
            return amount(s, "unit.s");
        }
        if (s < 3_600) {
            return amount(s / 60, "unit.min");
        }
        if (s < 86_400) {
            return two(amount(s / 3_600, "unit.h"), s % 3_600 / 60, "unit.min");
        }
        long days = s / 86_400;
        String said = amount(days, days == 1 ? "unit.d.one" : "unit.d.many");
        return days < 3 ? two(said, s % 86_400 / 3_600, "unit.h") : said;
    }

    private String two(String major, long minor, String minorUnit) {
        return minor == 0 ? major : major + " " + amount(minor, minorUnit);
    }

    private String amount(long number, String unit) {
        return words.say("unit.join", number, words.say(unit));
    }

    String duration(Duration duration) {
        return DurationText.say(duration);
    }

    String bytes(long count) {
        return Bytes.of(Math.max(0, count)).toString();
    }

    String number(long number) {
        return words.number(number);
    }

    /** Shape, colour and word. */
    Html state(RunState state) {
        return mark(state.wireName().toLowerCase(Locale.ROOT), shape(state), words.say("state." + state.wireName()));
    }

    Html mark(String kind, String shape, String word) {
        return Html.of(
                "<span class=\"state {}\"><span class=\"shape\" aria-hidden=\"true\">{}</span> {}</span>",
                kind,
                shape,
                word);
    }

    /** What is in order is said plainly; anything else has shape and colour, too. */
    Html judged(Verdict verdict, String text) {
        return switch (verdict) {
            case OK -> Html.text(text);
            case WARN -> mark("timedout", "▲", text);
            case ALERT -> mark("failed", "✖", text);
        };
    }

    static String shape(RunState state) {
        return switch (state) {
            case SUCCEEDED -> "✓";
            case FAILED -> "✖";
            case TIMED_OUT -> "▲";
            case SKIPPED -> "–";
            case CANCELLED -> "■";
            case RUNNING -> "●";
            case QUEUED -> "○";
        };
    }
}
