package io.watchkeeper.toolkit.slo;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.slo.SloSlice.Kind;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes a row of its own as a program would, and takes the time: from asking until the answer, and from begin until the commit is
 * confirmed. The way to the server counts, logging in does not.
 */
final class SloProbe {

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
        boolean standby = session.one("select pg_is_in_recovery()", row -> row.getBoolean(1));
        if (!standby) {
            AgentSchema.require(session, TABLE, COLUMNS);
            session.update(ROWS);
            session.lockTimeout(PATIENCE);
        } else if (!AgentSchema.has(session, TABLE)) {
            return seen;
        }
        for (int i = 0; i < objectives.probes() && session.isUsable(); i++) {
            session.work().throwIfCancelled();
            take(Kind.READ, objectives.readP95(), () -> session.query(READ));
            if (!standby && session.isUsable()) {
                take(Kind.WRITE, objectives.writeP95(), this::write);
            }
        }
        return seen;
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

    private void take(Kind kind, Duration promised, Doing doing) {
        long start = System.nanoTime();
        try {
            doing.run();
        } catch (SQLException e) {
            session.work().throwIfCancelled();
            seen.addFailed(1);
            failure = kind + ": " + e.getMessage();
            return;
        }
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        seen.latencies(kind).add(taken);
        if (taken.compareTo(promised) > 0) {
            seen.addSlow(kind, 1);
        }
    }

    private interface Doing {
        void run() throws SQLException;
    }
}
