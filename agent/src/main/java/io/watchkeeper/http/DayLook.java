package io.watchkeeper.http;

import io.watchkeeper.http.page.DayView;
import io.watchkeeper.http.page.StatusView;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTicks;
import io.watchkeeper.runbook.Schedule;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Gathers the day of all runbooks: what ran, what runs, what is due, and when nothing starts. */
final class DayLook {

    /** Of a runbook; asking the schedule for each of a day's fire times would take long where they are many. */
    private static final int MOST_DUE = 8;

    private final HttpServer.Parts parts;

    DayLook(HttpServer.Parts parts) {
        this.parts = parts;
    }

    /** @param running of all runbooks */
    DayView day(List<StatusView.Row> runbooks, List<RunOutcome> running) {
        Instant now = parts.clock().instant();
        Instant from = now.minus(DayView.PAST).truncatedTo(ChronoUnit.HOURS);
        Instant to = from.plus(DayView.SPAN);
        Map<String, List<RunTicks>> ticks = ticks(from);
        List<DayView.Row> rows = new ArrayList<>();
        for (StatusView.Row row : runbooks) {
            String name = row.runbook().name();
            List<Instant> due = row.next() == null || !row.next().isBefore(to)
                    ? List.of()
                    : parts.timetable().nextFireTimes(name, MOST_DUE).stream()
                            .filter(at -> at.isBefore(to))
                            .toList();
            DayView.Row drawn = new DayView.Row(
                    name,
                    ticks.getOrDefault(name, List.of()),
                    running.stream()
                            .filter(run -> run.runbook().equals(name) && !run.dryRun())
                            .map(RunOutcome::startedAt)
                            .toList(),
                    due,
                    due.size() == MOST_DUE,
                    windows(row.runbook().schedule(), from, to),
                    row.paused());
            if (drawn.hasAny()) {
                rows.add(drawn);
            }
        }
        return rows.isEmpty() ? DayView.EMPTY : new DayView(from, rows);
    }

    /** That the store cannot be read is said by those who need it more. */
    private Map<String, List<RunTicks>> ticks(Instant from) {
        try {
            return parts.archive().ticks(from, DayView.STRETCH).stream()
                    .filter(tick -> tick.state().isFinal())
                    .collect(Collectors.groupingBy(RunTicks::runbook));
        } catch (OperatorException e) {
            return Map.of();
        }
    }

    /** Read on the clock on the wall, each belonging to the day it starts on, as the scheduler does. */
    static List<DayView.Window> windows(@Nullable Schedule schedule, Instant from, Instant to) {
        if (schedule == null) {
            return List.of();
        }
        ZoneId zone = schedule.zone();
        List<DayView.Window> windows = new ArrayList<>();
        for (Schedule.Blackout blackout : schedule.blackouts()) {
            LocalDate last = to.atZone(zone).toLocalDate();
            for (LocalDate day = from.atZone(zone).toLocalDate().minusDays(1);
                    !day.isAfter(last);
                    day = day.plusDays(1)) {
                DayOfWeek weekday = day.getDayOfWeek();
                if (blackout.days().contains(weekday)) {
                    boolean overnight = !blackout.to().isAfter(blackout.from());
                    Instant begin = day.atTime(blackout.from()).atZone(zone).toInstant();
                    Instant end = (overnight ? day.plusDays(1) : day)
                            .atTime(blackout.to())
                            .atZone(zone)
                            .toInstant();
                    add(windows, begin.isBefore(from) ? from : begin, end.isAfter(to) ? to : end);
                }
            }
        }
        return windows;
    }

    private static void add(List<DayView.Window> windows, Instant begin, Instant end) {
        if (begin.isBefore(end)) {
            windows.add(new DayView.Window(begin, end));
        }
    }
}
