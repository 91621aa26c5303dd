package io.watchkeeper.toolkit.failover;

import java.util.Locale;

/**
 * How far a switchover is. Each is recorded before anything of it is done, and each can be done again.
 *
 * <p>Up to {@link #FENCING} nobody but the old primary has ever taken writes, so everything can be taken back. From {@link #PROMOTING} on
 * the standby may have been told to become the primary, and there is only the way forward.
 */
enum SwitchoverStep {
    /** Slots are made on the standby, and the old primary is told where its primary will be. */
    PREPARING,
    /** The old primary is shut down, and the standby gets the rest of its log. */
    STOPPING,
    /** The old primary is made unable to start as anything but a standby. */
    FENCING,
    /** The standby becomes the primary. */
    PROMOTING,
    /** Other standbys are pointed to the new primary. */
    REPOINTING,
    /** The old primary comes back as a standby. */
    REJOINING,
    /** What only the way there needed is removed. */
    TIDYING;

    boolean canGoBack() {
        return compareTo(PROMOTING) < 0;
    }

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
