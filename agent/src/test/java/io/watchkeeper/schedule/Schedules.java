package io.watchkeeper.schedule;

import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Timing;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Schedules and runbooks for tests. */
final class Schedules {

    static final ZoneId UTC = ZoneId.of("UTC");
    static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    static final ZoneId SEOUL = ZoneId.of("Asia/Seoul");
    static final Set<DayOfWeek> EVERY_DAY = Set.of(DayOfWeek.values());

    private Schedules() {}

    static Schedule every(Duration interval) {
        return schedule(new Timing.Every(interval), UTC, Schedule.Missed.SKIP, null);
    }

    static Schedule every(Duration interval, Schedule.Missed missed, @Nullable Duration maxAge) {
        return schedule(new Timing.Every(interval), UTC, missed, maxAge);
    }

    static Schedule cron(String expression) {
        return schedule(new Timing.Cron(expression), UTC, Schedule.Missed.SKIP, null);
    }

    static Schedule schedule(
            Timing timing,
            ZoneId zone,
            Schedule.Missed missed,
            @Nullable Duration maxAge,
            Schedule.Blackout... windows) {
        return new Schedule(timing, zone, Duration.ZERO, missed, maxAge, List.of(windows));
    }

    static Schedule with(Schedule schedule, Schedule.Blackout... windows) {
        return new Schedule(
                schedule.timing(),
                schedule.zone(),
                schedule.jitter(),
                schedule.missed(),
                schedule.maxAge(),
                List.of(windows));
    }

    static Schedule in(ZoneId zone, Schedule schedule) {
        return new Schedule(
                schedule.timing(), zone, schedule.jitter(), schedule.missed(), schedule.maxAge(), schedule.blackouts());
    }

    static Schedule jittered(Schedule schedule, Duration jitter) {
        return new Schedule(
                schedule.timing(), schedule.zone(), jitter, schedule.missed(), schedule.maxAge(), schedule.blackouts());
    }

    static Schedule.Blackout window(String from, String to, DayOfWeek... days) {
        return new Schedule.Blackout(
                LocalTime.parse(from), LocalTime.parse(to), days.length == 0 ? EVERY_DAY : Set.of(days));
    }

    static Runbook runbook(String name, @Nullable Schedule schedule) {
        return new Runbook(
                name,
                "",
                "",
                Set.of(),
                schedule,
                Policy.DEFAULT,
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                new SourceLocation(name + ".groovy", 1),
                name);
    }

    static RunbookRegistry.Contents contents(Runbook... runbooks) {
        TreeMap<String, Runbook> byName = new TreeMap<>();
        Arrays.stream(runbooks).forEach(runbook -> byName.put(runbook.name(), runbook));
        return new RunbookRegistry.Contents(byName, List.of());
    }

    /** As nominal fire times are here, and moments in which something happens are not. */
    static boolean isWholeSecond(Instant time) {
        return time.equals(time.truncatedTo(ChronoUnit.SECONDS));
    }

    /** The next so many fire times after one, as local times with offset. */
    static List<String> next(FireTimes times, ZoneId zone, String after, int count) {
        List<String> result = new ArrayList<>();
        Optional<Instant> next = times.after(Instant.parse(after));
        while (next.isPresent() && result.size() < count) {
            result.add(next.get().atZone(zone).toOffsetDateTime().toString());
            next = times.after(next.get());
        }
        return result;
    }
}
