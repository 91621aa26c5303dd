package io.watchkeeper.history;

import io.watchkeeper.audit.Anchor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of the trail by itself: its newest entry, which must still be there when the next one is added. Nothing that the
 * trail itself says excuses one that is gone, but for what is so old that the configuration lets it go: a checkpoint says so then, and this
 * process knows itself how old the entry is. Whoever can write all of the trail anew can write a checkpoint, too, and gains nothing by it but
 * what will be gone anyway.
 */
final class OwnEntries {

    /** After so many entries of this process comes an anchor, however little time has passed. */
    private static final int ANCHOR_EVERY = 100;

    /** @param at when this process added it, or later */
    record Known(Anchor entry, Instant at) {}

    private final Clock clock;

    /** Guarded by this, as is what follows. */
    private @Nullable Known newest;

    private @Nullable Duration keep;
    private long recorded;
    private int sinceAnchor;

    OwnEntries(Clock clock) {
        this.clock = clock;
    }

    /** Another process may cut off what is older. @param age null for never */
    synchronized void mayExpireAfter(@Nullable Duration age) {
        keep = age;
    }

    synchronized @Nullable Known newest() {
        return newest;
    }

    synchronized long recorded() {
        return recorded;
    }

    /** @param anyway also when it is older than the one known, which is gone @return whether it is time for an anchor */
    synchronized boolean add(Anchor entry, int entries, boolean anyway) {
        if (newest == null || anyway || entry.position() > newest.entry().position()) {
            newest = new Known(entry, clock.instant());
        }
        recorded += entries;
        sinceAnchor += entries;
        if (sinceAnchor < ANCHOR_EVERY) {
            return false;
        }
        sinceAnchor = 0;
        return true;
    }

    /** The trail was verified up to the entry, or it was added: from now on this one has to be there. */
    synchronized void moveOn(Anchor entry) {
        if (newest == null || entry.position() > newest.entry().position()) {
            newest = new Known(entry, clock.instant());
        }
    }

    /** Whether an entry that this process knew is gone and must not be. */
    boolean misses(Connection connection, Known known) throws SQLException {
        return !isThere(connection, known.entry())
                && !hasMovedOn(connection, known.entry())
                && !hasExpired(connection, known);
    }

    static boolean isThere(Connection connection, Anchor entry) throws SQLException {
        return AuditRows.hashAt(connection, entry.position())
                .filter(entry::isOf)
                .isPresent();
    }

    /** Whether this process has let the entry expire just now, and knows a later one. */
    private boolean hasMovedOn(Connection connection, Anchor known) throws SQLException {
        Known now = newest();
        return now != null && now.entry().position() > known.position() && isThere(connection, now.entry());
    }

    /** Whether another process has let it expire, as when a command has run for longer than entries are kept. */
    private boolean hasExpired(Connection connection, Known known) throws SQLException {
        Duration age;
        synchronized (this) {
            age = keep;
        }
        if (age == null || !known.at().isBefore(clock.instant().minus(age))) {
            return false;
        }
        for (Anchor cut : AuditExpiry.cuts(connection)) {
            if (cut.position() > known.entry().position() || cut.equals(known.entry())) {
                return true;
            }
        }
        return false;
    }
}
