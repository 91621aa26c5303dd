package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.WorkCancelledException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Counts the rows of both sides at once, and again while they differ and there is patience: rows may be on their way. */
final class CountCheck {

    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final SessionPair pair;
    private final PreparedVerification plan;
    private final Replay replay;

    CountCheck(SessionPair pair, PreparedVerification plan) throws SQLException {
        this.pair = pair;
        this.plan = plan;
        this.replay = new Replay(pair, plan);
    }

    /** What both sides have, and where the source's log stood then. */
    record Outcome(long here, long there, Lsn lsn, long inFlight) {
        long differences() {
            return Math.abs(here - there);
        }
    }

    Outcome count() throws SQLException {
        VerifyOptions options = plan.plan().options();
        Outcome first = once(0);
        Outcome last = first;
        for (int round = 0; round < options.rechecks() && last.differences() > 0; round++) {
            pause(options.patience().dividedBy(options.rechecks()));
            last = once(first.differences());
        }
        return last;
    }

    private Outcome once(long differed) throws SQLException {
        return Views.look(pair, plan, views -> {
            Views.Both<Long> rows = Views.atOnce(
                    pair,
                    () -> pair.source().oneVerbatim(plan.here().count(null), row -> row.getLong(1)),
                    () -> pair.target().oneVerbatim(plan.there().count(null), row -> row.getLong(1)));
            long differ = Math.abs(rows.here() - rows.there());
            return new Outcome(rows.here(), rows.there(), views.source(), Math.max(0, differed - differ));
        });
    }

    private void pause(Duration time) throws SQLException {
        if (replay.follows()) {
            replay.await(time);
            return;
        }
        long until = System.nanoTime() + time.toNanos();
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, NAP_NANOS));
            pair.source().work().throwIfCancelled();
            if (Thread.currentThread().isInterrupted()) {
                throw new WorkCancelledException("interrupted while rows were counted again");
            }
        }
    }
}
