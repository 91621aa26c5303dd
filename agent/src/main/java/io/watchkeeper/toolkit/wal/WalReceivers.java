package io.watchkeeper.toolkit.wal;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.protection.WalState;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The receivers of this process, one for each archive at most. In the daemon a receiver goes on when the run that asked for it is over; a
 * process that runs a runbook once ends it with the run.
 */
public final class WalReceivers implements AutoCloseable {

    private static final String LOCK = "receiver.lock";

    private final boolean keepRunning;
    private final Clock clock;
    private final Map<String, WalReceiver> receivers = new HashMap<>();
    private boolean closed;

    /** @param keepRunning whether receivers outlive the run that asked for them */
    public WalReceivers(boolean keepRunning, Clock clock) {
        this.keepRunning = keepRunning;
        this.clock = clock;
    }

    boolean keepRunning() {
        return keepRunning;
    }

    /** The receiver of an archive, started if need be; empty when another process receives into it. */
    synchronized Optional<WalReceiver> ensure(Database database, WalArchive archive, WalArchivePlan plan) {
        WalReceiver known = receivers.get(database.name());
        if (known != null && known.isAlive() && known.archive().equals(archive)) {
            known.change(plan);
            return Optional.of(known);
        }
        if (known != null) {
            known.close();
            receivers.remove(database.name());
        }
        if (closed) {
            return Optional.empty();
        }
        new ReceiverStart(database, archive, plan, new ReceiverWork("watchkeeper wal archive"), clock).makeFolders();
        return LockFile.tryAcquire(
                        archive.folder().resolve(LOCK),
                        "process " + ProcessHandle.current().pid())
                .map(lock -> {
                    WalReceiver made = new WalReceiver(database, archive, plan, lock, clock);
                    receivers.put(database.name(), made);
                    return made;
                });
    }

    /** Who receives into an archive, in a process of this host; empty when nobody does. */
    static Optional<String> holder(WalArchive archive) {
        return LockFile.holder(archive.folder().resolve(LOCK));
    }

    /** Ends a database's receiver, if this process has it; its slot stays. */
    void stop(String database) {
        WalReceiver receiver;
        synchronized (this) {
            receiver = receivers.remove(database);
        }
        if (receiver != null) {
            receiver.close();
        }
    }

    /**
     * What is known of a database's archive: from its receiver where this process has it, else from what another process has noted, else
     * from its files.
     *
     * @param newestBackup where the newest good base backup begins: what is missing before it is of no account; null when there is none
     * @return empty when there is no archive, or when it was ended: what nobody goes on with is not behind
     */
    public Optional<WalState> state(String database, WalArchive archive, @Nullable Lsn newestBackup) {
        WalReceiver receiver;
        synchronized (this) {
            receiver = receivers.get(database);
        }
        ArchiveFacts facts = new ArchiveFacts(database, archive, newestBackup);
        if (receiver != null) {
            return Optional.of(facts.of(receiver));
        }
        return ArchiveRecord.isEnded(archive) ? Optional.empty() : facts.ofFiles(clock.instant());
    }

    /** Everything that was committed until a time is before a position of the log. */
    public record Received(Instant until, Lsn to) {}

    /**
     * Until when everything that was committed is known to have come into an archive, by what its receiver has last noted, however long ago.
     * Whether it is in there still, and in a copy of it, shows in whether the archive's log goes on to the position.
     *
     * @return empty when no receiver has said so of a primary
     */
    public static Optional<Received> receivedUntil(WalArchive archive) {
        return ArchiveFacts.receivedUntil(archive);
    }

    /** Ends all receivers. Their slots stay: the servers keep what the archives have not yet. */
    @Override
    public void close() {
        List<WalReceiver> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(receivers.values());
            receivers.clear();
        }
        all.forEach(WalReceiver::close);
    }
}
