package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.ReplicationProbe;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Holds new chunks back while the servers have more to do than the plan allows. */
final class LoadWatch {

    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String ACTIVE = """
            select count(*) from pg_stat_activity
             where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()
               and application_name <> current_setting('application_name')""";

    private final Pace pace;
    private final Session source;
    private final Session target;
    private final CopyProgress progress;
    private long nextLook = System.nanoTime();
    private long waitedNanos;

    LoadWatch(Pace pace, Session source, Session target, CopyProgress progress) {
        this.pace = pace;
        this.source = source;
        this.target = target;
        this.progress = progress;
    }

    /** Returns once there is room for another chunk. Looks at the servers once a second at most. */
    void await() throws SQLException {
        if (System.nanoTime() - nextLook < 0) {
            return;
        }
        for (Optional<String> busy = busy(); busy.isPresent(); busy = busy()) {
            progress.stage(CopyProgress.WAITING + busy.get());
            for (long left = LOOK_AGAIN_NANOS; left > 0; left -= LOOK_AGAIN_NANOS / 10) {
                target.work().throwIfCancelled();
                LockSupport.parkNanos(LOOK_AGAIN_NANOS / 10);
            }
            waitedNanos += LOOK_AGAIN_NANOS;
        }
        nextLook = System.nanoTime() + LOOK_AGAIN_NANOS;
    }

    /** How long chunks were held back, in all. */
    long waitedSeconds() {
        return TimeUnit.NANOSECONDS.toSeconds(waitedNanos);
    }

    private Optional<String> busy() throws SQLException {
        Bytes maxLag = pace.maxReplicationLag();
        if (maxLag != null) {
            Bytes lag = Bytes.of(ReplicationProbe.maxLagBytes(target));
            if (lag.count() > maxLag.count()) {
                return Optional.of("a standby of " + target.database().name() + " is " + lag + " behind");
            }
        }
        Optional<String> here = active(pace.maxActiveSessions(), source);
        return here.isPresent() ? here : active(pace.maxActiveSessions(), target);
    }

    private static Optional<String> active(@Nullable Integer most, Session session) throws SQLException {
        if (most == null) {
            return Optional.empty();
        }
        long active = session.one(ACTIVE, row -> row.getLong(1));
        return active > most
                ? Optional.of(
                        active + " sessions are active on " + session.database().name())
                : Optional.empty();
    }
}
