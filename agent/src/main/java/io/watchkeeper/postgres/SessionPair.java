package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of two databases for work that needs both. While it waits for one of them it does not keep the other from anybody:
 * two pieces of work that each held one connection and waited for the second would wait for ever.
 */
public record SessionPair(Session source, Session target) implements AutoCloseable {

    /** Held this long at most while the other is asked for; not the same for all, so that two do not keep in step. */
    private static final int LONGEST_HOLD_MS = 50;

    /**
     * Waits until both databases have a free connection. Both may be the same database, which then lends two.
     *
     * @throws OperatorException when a server cannot be reached, or the connections were in use for too long
     * @throws WorkCancelledException when the work is told to stop while it waits
     */
    public static SessionPair open(Database source, Database target, Work work) throws SQLException {
        boolean interrupted = Thread.interrupted();
        try {
            Database without = takeBothTurns(source, target, work, Database.QUEUE_TIMEOUT);
            if (without != null) {
                throw without.allInUse();
            }
            return openInTurn(source, target, work);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * As {@link #open}.
     *
     * @return empty when the two were not free together for so long
     */
    public static Optional<SessionPair> tryOpen(Database source, Database target, Work work, Duration patience)
            throws SQLException {
        boolean interrupted = Thread.interrupted();
        try {
            return takeBothTurns(source, target, work, patience) == null
                    ? Optional.of(openInTurn(source, target, work))
                    : Optional.empty();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** @return the database that had no connection to the end; null when both turns are taken, else neither is */
    private static @Nullable Database takeBothTurns(Database source, Database target, Work work, Duration patience) {
        long waitUntil = System.nanoTime() + patience.toNanos();
        Database first = source;
        Database second = target;
        do {
            Duration left = Duration.ofNanos(Math.max(0, waitUntil - System.nanoTime()));
            if (!first.takeTurn(work, left)) {
                return first;
            }
            boolean both = false;
            try {
                both = second.takeTurn(
                        work, Duration.ofMillis(ThreadLocalRandom.current().nextInt(1, LONGEST_HOLD_MS)));
            } finally {
                if (!both) {
                    first.giveTurnBack();
                }
            }
            if (both) {
                return null;
            }
            // Wait for the one that is short, and only then ask for the other.
            Database other = first;
            first = second;
            second = other;
        } while (System.nanoTime() < waitUntil);
        return first;
    }

    private static SessionPair openInTurn(Database source, Database target, Work work) throws SQLException {
        Session from = null;
        boolean targetAsked = false;
        boolean opened = false;
        try {
            from = source.openInTurn(work);
            targetAsked = true;
            SessionPair pair = new SessionPair(from, target.openInTurn(work));
            opened = true;
            return pair;
        } finally {
            if (!targetAsked) {
                target.giveTurnBack();
            }
            if (!opened && from != null) {
                from.close();
            }
        }
    }

    @Override
    public void close() throws SQLException {
        try (source) {
            target.close();
        }
    }
}
