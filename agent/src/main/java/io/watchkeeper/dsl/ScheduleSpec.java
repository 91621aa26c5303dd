package io.watchkeeper.dsl;

import groovy.transform.NamedParam;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Timing;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code schedule { … }} */
@Block(
        name = "schedule",
        value = "When a runbook runs by itself.",
        needs = "cron|every",
        words = {"cron", "every", "zone", "jitter", "missed", "maxAge", "avoid"})
public final class ScheduleSpec extends BlockSpec {

    private final SourceLocation location;
    private final List<Schedule.Blackout> blackouts = new ArrayList<>();
    private @Nullable Timing timing;
    private ZoneId zone = ZoneId.systemDefault();
    private Duration jitter = Duration.ZERO;
    private Schedule.Missed missed = Schedule.Missed.SKIP;
    private @Nullable Duration maxAge;

    ScheduleSpec(Declarations declarations) {
        super(declarations, "schedule");
        location = declarations.here();
    }

    @Word(
            value =
                    "A Quartz cron expression: second, minute, hour, day of month, month, day of week, and a year if need be. One of "
                            + "the two days is a `?`. Read in the schedule's zone.",
            example = "cron '0 0/15 * * * ?'")
    public void cron(@Checked(TextKind.CRON) String expression) {
        oneTiming();
        timing = declarations()
                .checked(TextKind.CRON, expression, () -> new Timing.Cron(expression), new Timing.Cron("0 0 0 1 1 ?"));
    }

    @Word(
            value =
                    "At a fixed distance, counted from midnight of the schedule's zone, so that a restart does not move it.",
            example = "every 15.minutes")
    public void every(Duration interval) {
        oneTiming();
        Duration second = Duration.ofSeconds(1);
        if (interval.compareTo(second) < 0) {
            declarations().problem("'every' cannot be shorter than a second", null);
        }
        timing = new Timing.Every(interval.compareTo(second) < 0 ? second : interval);
    }

    private void oneTiming() {
        if (timing != null) {
            declarations()
                    .problem(
                            "a schedule has one timing, and this is the second",
                            "keep one 'cron' or one 'every'; a runbook that " + "needs two timings is two runbooks.");
        }
    }

    @Word(
            value = "The time zone in which times of day are meant.",
            example = "zone 'Asia/Seoul'",
            byDefault = "the host's zone")
    public void zone(@Checked(TextKind.ZONE) String name) {
        once("zone");
        zone = declarations().checked(TextKind.ZONE, name, () -> ZoneId.of(name), ZoneOffset.UTC);
    }

    @Word(
            value =
                    "A random delay up to this is added to each fire time, so that a fleet does not call home in one moment.",
            example = "jitter 30.seconds",
            byDefault = "0.seconds")
    public void jitter(Duration upTo) {
        once("jitter");
        jitter = upTo.isZero() ? Duration.ZERO : positive("jitter", upTo, Duration.ZERO);
    }

    @Word(
            value =
                    "What happens to fire times that passed while the agent was down, the host slept, or the runbook was held up.",
            example = "missed runOnce",
            byDefault = "skip")
    public void missed(Schedule.Missed what) {
        once("missed");
        missed = what;
    }

    public void missed(
            @NamedParam(value = "maxAge", type = Duration.class) Map<String, ?> options, Schedule.Missed what) {
        missed(what);
        if (options.get("maxAge") instanceof Duration age) {
            maxAge(age);
        }
    }

    @Word(
            value = "Fire times that were missed longer ago than this are not made up.",
            example = "maxAge 6.hours",
            byDefault = "no limit")
    public void maxAge(Duration age) {
        once("maxAge");
        maxAge = positive("maxAge", age, Duration.ofDays(1));
    }

    @Word(
            value =
                    "A daily window in which no run starts: a run that would is skipped and recorded. From inclusive, to exclusive, "
                            + "in the schedule's zone; a window whose end is not after its start goes past midnight and belongs to the "
                            + "day it starts on. Days are `MON` to `SUN`, a range or a list of them; without days, every day.",
            example = "avoid '08:00', '18:00', MON..FRI",
            byDefault = "no window")
    public void avoid(@Checked(TextKind.TIME) String from, @Checked(TextKind.TIME) String to, List<Weekday> days) {
        blackout(from, to, Weekday.daysOf(days));
    }

    public void avoid(@Checked(TextKind.TIME) String from, @Checked(TextKind.TIME) String to, Weekday... days) {
        blackout(from, to, Weekday.daysOf(List.of(days)));
    }

    public void avoid(@Checked(TextKind.TIME) String from, @Checked(TextKind.TIME) String to) {
        blackout(from, to, EnumSet.allOf(DayOfWeek.class));
    }

    private void blackout(String from, String to, Set<DayOfWeek> days) {
        if (days.isEmpty()) {
            declarations().problem("'avoid' got an empty list of days", "leave the days out to mean every day.");
        }
        LocalTime start = declarations().checked(TextKind.TIME, from, () -> LocalTime.parse(from), LocalTime.MIDNIGHT);
        LocalTime end = declarations().checked(TextKind.TIME, to, () -> LocalTime.parse(to), LocalTime.MIDNIGHT);
        blackouts.add(new Schedule.Blackout(start, end, days));
    }

    @Choice(of = "missed", value = "Missed fire times are forgotten.")
    public Schedule.Missed getSkip() {
        return Schedule.Missed.SKIP;
    }

    @Choice(of = "missed", value = "However many were missed, it runs once.")
    public Schedule.Missed getRunOnce() {
        return Schedule.Missed.RUN_ONCE;
    }

    @Choice(of = "missed", value = "It runs once for each missed fire time, one after another.")
    public Schedule.Missed getRunAll() {
        return Schedule.Missed.RUN_ALL;
    }

    @Choice(of = "avoid", value = "Monday.")
    public Weekday getMON() {
        return Weekday.MON;
    }

    @Choice(of = "avoid", value = "Tuesday.")
    public Weekday getTUE() {
        return Weekday.TUE;
    }

    @Choice(of = "avoid", value = "Wednesday.")
    public Weekday getWED() {
        return Weekday.WED;
    }

    @Choice(of = "avoid", value = "Thursday.")
    public Weekday getTHU() {
        return Weekday.THU;
    }

    @Choice(of = "avoid", value = "Friday.")
    public Weekday getFRI() {
        return Weekday.FRI;
    }

    @Choice(of = "avoid", value = "Saturday.")
    public Weekday getSAT() {
        return Weekday.SAT;
    }

    @Choice(of = "avoid", value = "Sunday.")
    public Weekday getSUN() {
        return Weekday.SUN;
    }

    @Nullable
    Schedule build() {
        if (timing == null) {
            declarations()
                    .problemAt(
                            location,
                            "this schedule says neither 'cron' nor 'every'",
                            "add one, for example: every 15.minutes");
            return null;
        }
        return new Schedule(timing, zone, jitter, missed, maxAge, blackouts);
    }
}
