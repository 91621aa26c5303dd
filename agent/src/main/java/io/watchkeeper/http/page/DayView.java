package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunTicks;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A day of all runbooks, most of it past.
 *
 * @param from a whole hour
 * @param rows by runbook
 */
public record DayView(Instant from, List<Row> rows) {

    public static final Duration SPAN = Duration.ofHours(24);

    /** How much of it is past. */
    public static final Duration PAST = Duration.ofHours(16);

    /** A mark stands for all runs of so long. */
    public static final Duration STRETCH = Duration.ofMinutes(15);

    public static final DayView EMPTY = new DayView(Instant.EPOCH, List.of());

    public DayView {
        rows = List.copyOf(rows);
    }

    public Instant to() {
        return from.plus(SPAN);
    }

    /** @param from inclusive. @param to exclusive */
    public record Window(Instant from, Instant to) {}

    /**
     * @param ticks oldest first
     * @param running when each run that goes on has begun
     * @param due the next fire times in the day
     * @param more whether there are more of them than are told
     * @param blackouts in which no run starts, cut to the day
     */
    public record Row(
            String runbook,
            List<RunTicks> ticks,
            List<Instant> running,
            List<Instant> due,
            boolean more,
            List<Window> blackouts,
            boolean paused) {

        public Row {
            ticks = List.copyOf(ticks);
            running = List.copyOf(running);
            due = List.copyOf(due);
            blackouts = List.copyOf(blackouts);
        }

        /** Whether there is anything to draw. */
        public boolean hasAny() {
            return !ticks.isEmpty() || !running.isEmpty() || !due.isEmpty();
        }
    }
}
