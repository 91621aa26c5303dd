package io.watchkeeper.engine;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.ReplicationProbe;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Guard;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;

/** Looks whether what a guard asks for is so. Changes nothing. */
final class GuardCheck {

    /**
     * What was found.
     *
     * @param text the guard and its present value, for example {@code maxReplicationLag shore 12 MB of 64 MB}
     */
    record Reading(String text, boolean holds) {}

    private final DatabasePools databases;

    GuardCheck(DatabasePools databases) {
        this.databases = databases;
    }

    /**
     * @throws OperatorException when it cannot be found out
     * @throws SQLException when the server does not say
     */
    Reading read(Guard guard, Work work) throws SQLException {
        if (guard instanceof Guard.MaxReplicationLag lag) {
            return replicationLag(lag, work);
        }
        if (guard instanceof Guard.MinFreeDisk disk) {
            return freeDisk(disk);
        }
        throw new IllegalStateException("a new kind of guard: " + guard);
    }

    private Reading replicationLag(Guard.MaxReplicationLag guard, Work work) throws SQLException {
        try (Session session = databases.database(guard.database()).open(work)) {
            Bytes lag = Bytes.of(ReplicationProbe.maxLagBytes(session));
            return new Reading(
                    "maxReplicationLag " + guard.database() + " " + lag + " of " + guard.lag(),
                    lag.compareTo(guard.lag()) <= 0);
        }
    }

    private static Reading freeDisk(Guard.MinFreeDisk guard) {
        try {
            FileStore store = Files.getFileStore(Path.of(guard.path()));
            long total = store.getTotalSpace();
            Ratio free = new Ratio(total > 0 ? (double) store.getUsableSpace() / total : 0);
            return new Reading(
                    "minFreeDisk " + guard.path() + " " + free + " of " + guard.free(),
                    free.compareTo(guard.free()) >= 0);
        } catch (NoSuchFileException e) {
            throw new OperatorException(
                    "guard minFreeDisk cannot be checked: there is no " + guard.path(),
                    "write a path that exists on this host.",
                    e);
        } catch (IOException e) {
            throw new OperatorException(
                    "guard minFreeDisk cannot be checked on " + guard.path() + ": " + e.getMessage(),
                    "the agent's user must be able to read it.",
                    e);
        }
    }
}
