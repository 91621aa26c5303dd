package io.watchkeeper.toolkit.slo;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.slo.SloSlice.Kind;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes a row of its own as a program would, and takes the time: from asking until the answer, and from begin until the commit is
 * confirmed. The way to the server counts, logging in does not.
 */
final class SloProbe {

    private static final Logger LOG = LoggerFactory.getLogger(SloProbe.class);

    static final String TABLE = "slo_probe";
    private static final String COLUMNS =
            "kind text PRIMARY KEY, beats bigint NOT NULL DEFAULT 0, at timestamptz NOT NULL DEFAULT now()";
    private static final String READ = "SELECT beats FROM watchkeeper.slo_probe WHERE kind = 'read'";
    private static final String WRITE =
            "UPDATE watchkeeper.slo_probe SET beats = beats + 1, at = now() WHERE kind = 'write'";
    private static final String ROWS =
            "INSERT INTO watchkeeper.slo_probe (kind) VALUES ('read'), ('write') ON CONFLICT DO NOTHING";

    /** Who holds the row for longer has the write fail. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Nobody would have waited longer for an answer; also for a commit that a synchronous standby does not confirm. */
    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** Within which a failure is one of its own, and says nothing about the next. */
    private static final Duration A_WHILE = Duration.ofSeconds(1);

    /** When not even the refusal comes, the way to the server is gone. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final Session session;
    private final SloObjectives objectives;
    private final SloSlice seen = new SloSlice();
    private @Nullable String failure;

    SloProbe(Session session, SloObjectives objectives) {
        this.session = session;
        this.objectives = objectives;
    }

    static List<PlannedAction> describe(String database, SloObjectives objectives) {
        String times = objectives.probes() + " times, to take the time";
        return List.of(
                new PlannedAction(database, READ, LockLevel.ACCESS_SHARE, 1, -1, times),
                new PlannedAction(
                        database,
                        WRITE,
                        LockLevel.ROW_EXCLUSIVE,
                        1,
                        -1,
                        times + "; not on a standby. The table is made where it is not there"));
    }

    /** @return what was counted; what failed is in it */
    SloSlice run() throws SQLException {
        session.query("select set_config('statement_timeout', ?, false)", String.valueOf(ANSWER.toMillis()));
        session.connection().setNetworkTimeout(Runnable::run, (int) SILENCE.toMillis());
        boolean standby = session.one("select pg_is_in_recovery()", row -> row.getBoolean(1));
        if (!standby) {
            AgentSchema.require(session, TABLE, COLUMNS);
            session.update(ROWS);
            session.lockTimeout(PATIENCE);
        } else if (!AgentSchema.has(session, TABLE)) {
            return seen;
        }
        takeTurns(!standby);
        return seen;
    }

    /** What has failed after a while is not asked again: whoever had asked meanwhile would have failed as well. */
    private void takeTurns(boolean writes) {
        boolean reading = true;
        boolean writing = writes;
        for (int left = objectives.probes(); left > 0; left--) {
            session.work().throwIfCancelled();
            reading = reading && take(Kind.READ, objectives.readP95(), left, () -> session.query(READ));
            writing = writing && take(Kind.WRITE, objectives.writeP95(), left, this::write);
        }
    }

    /** What the last failure said; null when all went well. */
    @Nullable
    String failure() {
        return failure;
    }

    private void write() throws SQLException {
        session.begin();
        try {
            session.update(WRITE);
            session.commit();
        } catch (SQLException e) {
            session.rollback();
            throw e;
        }
    }

    /** @param left how many are still to be asked, this one included @return whether to go on */
    private boolean take(Kind kind, Duration promised, int left, Doing doing) {
        long start = System.nanoTime();
        CompletableFuture<Void> late = CompletableFuture.runAsync(
                this::cancel, CompletableFuture.delayedExecutor(ANSWER.toMillis(), TimeUnit.MILLISECONDS));
        try {
            if (!session.isUsable()) {
                throw new SQLException("the connection is gone");
            }
            doing.run();
        } catch (SQLException e) {
            session.work().throwIfCancelled();
            boolean atOnce = session.isUsable() && since(start).compareTo(A_WHILE) < 0;
            failed(kind, atOnce ? 1 : left, String.valueOf(e.getMessage()));
            return atOnce;
        } finally {
            if (since(start).compareTo(ANSWER) < 0) {
                late.cancel(false);
            } else {
                // It has begun, or is about to, and must not meet whoever gets the connection next.
                late.join();
            }
        }
        Duration taken = since(start);
        if (taken.compareTo(ANSWER) >= 0) {
            // A commit that waits for a synchronous standby ends with a warning when its time is over.
            failed(kind, left, "it was not confirmed within " + ANSWER.toSeconds() + " s");
            return false;
        }
        seen.latencies(kind).add(taken);
        if (taken.compareTo(promised) > 0) {
            seen.addSlow(kind, 1);
        }
        return true;
    }

    /** A statement has a timeout of the server's, and a commit has none. */
    private void cancel() {
        try {
            session.connection().unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            LOG.debug(
                    "a probe of '{}' cannot be cancelled: {}",
                    session.database().name(),
                    e.getMessage());
        }
    }

    private void failed(Kind kind, int times, String why) {
        seen.addFailed(times);
        failure = kind + ": " + why;
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private interface Doing {
        void run() throws SQLException;
    }
}
