package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

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
        Optional<SessionPair> pair = tryOpen(source, target, work, Database.QUEUE_TIMEOUT);
        if (pair.isEmpty()) {
            PoolFigures figures = source.poolFigures();
            throw (figures.active() >= figures.max() ? source : target).allInUse();
        }
        return pair.get();
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
            return takeBothTurns(source, target, work, patience)
                    ? Optional.of(openInTurn(source, target, work))
                    : Optional.empty();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static boolean takeBothTurns(Database source, Database target, Work work, Duration patience) {
        long waitUntil = System.nanoTime() + patience.toNanos();
        Database first = source;
        Database second = target;
        do {
            Duration left = Duration.ofNanos(Math.max(0, waitUntil - System.nanoTime()));
            if (!first.takeTurn(work, left)) {
                return false;
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
                return true;
            }
            // Wait for the one that is short, and only then ask for the other.
            Database other = first;
            first = second;
            second = other;
        } while (System.nanoTime() < waitUntil);
        return false;
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
