package io.watchkeeper.http;

import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.Timing;
import io.watchkeeper.units.DurationText;
import java.time.DayOfWeek;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Says a schedule: {@code every 15 min, Asia/Seoul, not 08:00–18:00 Mon–Fri}. A cron expression it has no words for is quoted. */
final class ScheduleWords {

    private static final Pattern EVERY_N = Pattern.compile("(\\*|\\d{1,2})/(\\d{1,2})");
    private static final Pattern DAYS = Pattern.compile("[A-Z]{3}([-,][A-Z]{3})*");
    private static final Map<String, String> WEEKDAYS =
            Map.of("MON", "Mon", "TUE", "Tue", "WED", "Wed", "THU", "Thu", "FRI", "Fri", "SAT", "Sat", "SUN", "Sun");

    private ScheduleWords() {}

    static String say(Schedule schedule) {
        List<String> parts = new ArrayList<>();
        parts.add(timing(schedule.timing()));
        parts.add(schedule.zone().getId());
        for (Schedule.Blackout blackout : schedule.blackouts()) {
            parts.add("not " + say(blackout));
        }
        return String.join(", ", parts);
    }

    /** The schedule as it stands in documents. */
    static Map<String, Object> document(Schedule schedule) {
        Map<String, Object> document = new LinkedHashMap<>();
        if (schedule.timing() instanceof Timing.Cron cron) {
            document.put("cron", cron.expression());
        } else if (schedule.timing() instanceof Timing.Every every) {
            document.put("every", DurationText.say(every.interval()));
        }
        document.put("zone", schedule.zone().getId());
        document.put("jitter", DurationText.say(schedule.jitter()));
        document.put(
                "missed",
                switch (schedule.missed()) {
                    case SKIP -> "skip";
                    case RUN_ONCE -> "runOnce";
                    case RUN_ALL -> "runAll";
                });
        if (schedule.maxAge() != null) {
            document.put("maxAge", DurationText.say(schedule.maxAge()));
        }
        document.put(
                "avoid", schedule.blackouts().stream().map(ScheduleWords::say).toList());
        return document;
    }

    private static String say(Schedule.Blackout blackout) {
        String window = blackout.from() + "–" + blackout.to();
        return blackout.days().size() == 7 || blackout.days().isEmpty() ? window : window + " " + days(blackout.days());
    }

    private static String days(Set<DayOfWeek> days) {
        List<DayOfWeek> sorted = days.stream().sorted(Comparator.naturalOrder()).toList();
        DayOfWeek first = sorted.get(0);
        DayOfWeek last = sorted.get(sorted.size() - 1);
        boolean unbroken = sorted.size() > 2 && last.getValue() - first.getValue() == sorted.size() - 1;
        return unbroken
                ? name(first) + "–" + name(last)
                : sorted.stream().map(ScheduleWords::name).collect(Collectors.joining(", "));
    }

    private static String name(DayOfWeek day) {
        return day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
    }

    private static String timing(Timing timing) {
        if (timing instanceof Timing.Every every) {
            return "every " + DurationText.say(every.interval());
        }
        String expression = ((Timing.Cron) timing).expression();
        return cron(expression.strip().split("\\s+")).orElse("cron " + expression);
    }

    private static Optional<String> cron(String[] field) {
        if (field.length < 6 || !field[0].equals("0") || !isAny(field[4]) || (field.length > 6 && !isAny(field[6]))) {
            return Optional.empty();
        }
        return when(field[1], field[2])
                .flatMap(when -> on(field[3], field[5])
                        .map(on -> when.startsWith("at")
                                ? (on.isEmpty() ? "every day " : on + " ") + when
                                : when + (on.isEmpty() ? "" : ", " + on)));
    }

    private static Optional<String> when(String minute, String hour) {
        Matcher everyMinutes = EVERY_N.matcher(minute);
        Matcher everyHours = EVERY_N.matcher(hour);
        if (number(minute) && number(hour)) {
            return Optional.of(
                    String.format(Locale.ROOT, "at %02d:%02d", Integer.parseInt(hour), Integer.parseInt(minute)));
        }
        if (isAny(hour) && isEven(everyMinutes, 60)) {
            return Optional.of("every " + everyMinutes.group(2) + " min");
        }
        if (isAny(hour) && isAny(minute)) {
            return Optional.of("every minute");
        }
        if (isAny(hour) && number(minute)) {
            return Optional.of("every hour at minute " + minute);
        }
        if (number(minute) && isEven(everyHours, 24)) {
            return Optional.of("every " + everyHours.group(2) + " h at minute " + minute);
        }
        return Optional.empty();
    }

    /** Whether the steps go on from one hour, or day, into the next: a step of 40 minutes leaves 20 between two of them. */
    private static boolean isEven(Matcher steps, int whole) {
        if (!steps.matches()) {
            return false;
        }
        int step = Integer.parseInt(steps.group(2));
        int first = steps.group(1).equals("*") ? 0 : Integer.parseInt(steps.group(1));
        return step > 0 && whole % step == 0 && first < step;
    }

    private static Optional<String> on(String dayOfMonth, String dayOfWeek) {
        if (isAny(dayOfMonth) && isAny(dayOfWeek)) {
            return Optional.of("");
        }
        if (isAny(dayOfMonth) && DAYS.matcher(dayOfWeek).matches()) {
            String days = dayOfWeek;
            for (Map.Entry<String, String> name : WEEKDAYS.entrySet()) {
                days = days.replace(name.getKey(), name.getValue());
            }
            return Optional.of(days.replace("-", "–").replace(",", ", "));
        }
        if (isAny(dayOfWeek) && number(dayOfMonth)) {
            return Optional.of("on day " + dayOfMonth + " of each month");
        }
        return Optional.empty();
    }

    private static boolean isAny(String field) {
        return field.equals("*") || field.equals("?");
    }

    private static boolean number(String field) {
        return field.matches("\\d{1,2}");
    }
}
