package io.watchkeeper.schedule;

import io.watchkeeper.runbook.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.quartz.TriggerKey;

/** Where one runbook stands in its schedule. Guarded by the timetable's monitor. */
final class ScheduledRunbook {

    /** A fire time that Quartz was asked for. @param due the nominal time and its jitter */
    record Armed(Instant nominal, Instant due, TriggerKey trigger) {}

    /** Clocks that differ by more than this are not both right. */
    private static final Duration UNBELIEVABLE = Duration.ofDays(1);

    private final String name;
    private final Schedule schedule;
    private final FireTimes times;
    private final Blackout blackout;
    private Instant last;
    private @Nullable Instant doubted;
    private @Nullable Armed armed;
    private final Deque<Instant> backlog = new ArrayDeque<>();
    private boolean makingUp;
    private boolean overwhelmed;

    /** @param last no fire time up to this one fires any more */
    ScheduledRunbook(String name, Schedule schedule, Instant last) {
        this.name = name;
        this.schedule = schedule;
        this.times = FireTimes.of(schedule);
        this.blackout = new Blackout(schedule);
        this.last = last;
    }

    String name() {
        return name;
    }

    Schedule schedule() {
        return schedule;
    }

    Blackout blackout() {
        return blackout;
    }

    Instant last() {
        return last;
    }

    /** Never goes back, so that a clock that was set back fires nothing a second time. */
    void dealtWithUpTo(Instant time) {
        if (time.isAfter(last)) {
            last = time;
        }
    }

    /**
     * Leaves a last fire time aside that is far ahead of the clock, and takes it up again when the clock has got there: one of
     * the two clocks was wrong, and waiting for the other to reach it might stop the runbook for years.
     *
     * @return whether one was left aside
     */
    boolean doubt(Instant now) {
        if (doubted != null && !doubted.isAfter(now)) {
            dealtWithUpTo(doubted);
            doubted = null;
        }
        if (last.isAfter(now.plus(UNBELIEVABLE))) {
            doubted = last;
            last = now;
            return true;
        }
        return false;
    }

    Optional<Instant> next() {
        return times.after(last);
    }

    /** When the nominal time really fires: later by a random part of the jitter, but never later than the next one. */
    Instant due(Instant nominal) {
        Duration most = times.after(nominal)
                .map(next -> Duration.between(nominal, next))
                .filter(gap -> gap.compareTo(schedule.jitter()) < 0)
                .orElse(schedule.jitter());
        return nominal.plus(randomUpTo(most));
    }

    Duration jitter() {
        return randomUpTo(schedule.jitter());
    }

    private static Duration randomUpTo(Duration most) {
        return most.isZero()
                ? most
                : Duration.ofNanos(ThreadLocalRandom.current().nextLong(most.toNanos()));
    }

    void arm(Armed next) {
        armed = next;
    }

    Optional<Armed> armed() {
        return Optional.ofNullable(armed);
    }

    /** Takes the armed time out. */
    Optional<Armed> disarm() {
        Optional<Armed> was = armed();
        armed = null;
        return was;
    }

    /** Adds fire times to make up. @return whether someone must begin to make them up */
    boolean addBacklog(List<Instant> missed) {
        if (schedule.missed() == Schedule.Missed.RUN_ONCE && !missed.isEmpty()) {
            backlog.clear();
        }
        backlog.addAll(missed);
        while (backlog.size() > CatchUp.MOST_RUNS) {
            backlog.removeFirst();
        }
        boolean begin = !makingUp && !backlog.isEmpty();
        makingUp |= begin;
        return begin;
    }

    /**
     * @return false when the fire time fires as usual: because nothing is being made up, or because more comes than is made up. Then, until
     *     the backlog is empty, no more is put behind it, or it would only grow.
     */
    boolean waitsBehindBacklog(Instant nominal) {
        overwhelmed = makingUp && (overwhelmed || backlog.size() >= CatchUp.MOST_RUNS);
        boolean waits = makingUp && !overwhelmed && schedule.missed() == Schedule.Missed.RUN_ALL;
        if (waits) {
            addBacklog(List.of(nominal));
        }
        return waits;
    }

    /** The next to be made up is this one again. */
    void putBack(Instant nominal) {
        backlog.addFirst(nominal);
    }

    Optional<Instant> nextOfBacklog() {
        Optional<Instant> next = Optional.ofNullable(backlog.pollFirst());
        makingUp = next.isPresent();
        return next;
    }

    void forgetBacklog() {
        backlog.clear();
    }
}
