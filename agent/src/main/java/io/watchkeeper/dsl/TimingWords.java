package io.watchkeeper.dsl;

import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.Timing;
import io.watchkeeper.units.DurationText;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Says when a schedule fires. A cron expression that it has no words for is quoted. */
final class TimingWords {

    private static final Pattern STEPS = Pattern.compile("(?:\\*|0+)/(\\d{1,2})");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,2}");
    private static final Pattern DAYS = Pattern.compile("[A-Z]{3}([-,][A-Z]{3})*");

    private final ExplainWords words;

    TimingWords(ExplainWords words) {
        this.words = words;
    }

    /** For example {@code every 15 minutes}. */
    String timing(Timing timing) {
        if (timing instanceof Timing.Every every) {
            return words.say("every", DurationText.say(every.interval()));
        }
        String expression = ((Timing.Cron) timing).expression().strip();
        return cron(expression.split("\\s+")).orElseGet(() -> words.say("cron", expression));
    }

    /** For example {@code 08:00–18:00 Mon–Fri}. */
    String window(Schedule.Blackout window) {
        String hours = window.from() + "–" + window.to();
        return window.days().isEmpty() || window.days().size() == 7 ? hours : hours + " " + days(window.days());
    }

    private String days(Set<DayOfWeek> days) {
        List<DayOfWeek> sorted = new ArrayList<>(new TreeSet<>(days));
        DayOfWeek first = sorted.get(0);
        DayOfWeek last = sorted.get(sorted.size() - 1);
        boolean unbroken = sorted.size() > 2 && last.getValue() - first.getValue() == sorted.size() - 1;
        return unbroken
                ? day(first.name()) + "–" + day(last.name())
                : sorted.stream().map(d -> day(d.name())).collect(Collectors.joining(", "));
    }

    private String day(String name) {
        return words.say("day." + name.substring(0, 3).toLowerCase(Locale.ROOT));
    }

    private Optional<String> cron(String... field) {
        boolean simple = field.length >= 6
                && NUMBER.matcher(field[0]).matches()
                && isAny(field[4])
                && (field.length == 6 || isAny(field[6]));
        if (!simple) {
            return Optional.empty();
        }
        return on(field[3], field[5]).flatMap(on -> time(field[1], field[2], on));
    }

    /** @param on the days, empty for every day */
    private Optional<String> time(String minute, String hour, String on) {
        Matcher minutes = STEPS.matcher(minute);
        Matcher hours = STEPS.matcher(hour);
        String behind = on.isEmpty() ? "" : words.say("cron.behind", on);
        if (isAny(hour) && isAny(minute)) {
            return Optional.of(words.say("cron.minute") + behind);
        }
        if (isAny(hour) && minutes.matches() && isEven(minutes, 60)) {
            return Optional.of(words.say("cron.minutes", minutes.group(1)) + behind);
        }
        if (!NUMBER.matcher(minute).matches()) {
            return Optional.empty();
        }
        if (isAny(hour)) {
            return Optional.of(words.say("cron.hour", minute) + behind);
        }
        if (hours.matches() && isEven(hours, 24)) {
            return Optional.of(words.say("cron.hours", hours.group(1), minute) + behind);
        }
        if (hour.matches("\\d{1,2}(,\\d{1,2})*")) {
            String times = Pattern.compile(",")
                    .splitAsStream(hour)
                    .map(h -> String.format(Locale.ROOT, "%02d:%02d", Integer.parseInt(h), Integer.parseInt(minute)))
                    .collect(Collectors.joining(", "));
            return Optional.of(on.isEmpty() ? words.say("cron.daily", times) : words.say("cron.days", on, times));
        }
        return Optional.empty();
    }

    /** Whether the steps go on evenly behind the full hour or midnight: 0/45 is at 0 and 45, and again after 15 minutes. */
    private static boolean isEven(Matcher steps, int whole) {
        int step = Integer.parseInt(steps.group(1));
        return step > 0 && whole % step == 0;
    }

    private Optional<String> on(String dayOfMonth, String dayOfWeek) {
        if (isAny(dayOfMonth) && isAny(dayOfWeek)) {
            return Optional.of("");
        }
        if (isAny(dayOfMonth) && DAYS.matcher(dayOfWeek).matches()) {
            return Optional.of(Pattern.compile("[A-Z]{3}")
                    .matcher(dayOfWeek)
                    .replaceAll(m -> Matcher.quoteReplacement(day(m.group())))
                    .replace("-", "–")
                    .replace(",", ", "));
        }
        return isAny(dayOfWeek) && NUMBER.matcher(dayOfMonth).matches()
                ? Optional.of(words.say("cron.month", dayOfMonth))
                : Optional.empty();
    }

    private static boolean isAny(String field) {
        return field.equals("*") || field.equals("?");
    }
}
