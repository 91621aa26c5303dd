package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * Log that the archive does not have and never will: no backup from before it leads to a point after it.
 *
 * @param at when it was found
 * @param from the first position that is missing
 * @param to the first position after it that is there; null as long as nothing is
 * @param reason how it came about
 */
public record WalGap(String at, String from, @Nullable String to, String reason) {

    /** Whether a backup that begins at this position needs nothing of the gap. */
    boolean isBefore(Lsn backup) {
        return to != null
                && Lsn.parse(to).map(end -> end.compareTo(backup) <= 0).orElse(false);
    }

    /** Whether a segment that is missing is missing because of this. */
    boolean covers(WalSegment segment) {
        return Lsn.parse(from).map(lsn -> lsn.compareTo(segment.end()) < 0).orElse(false)
                && (to == null
                        || Lsn.parse(to)
                                .map(lsn -> lsn.compareTo(segment.start()) > 0)
                                .orElse(false));
    }

    boolean beginsBefore(Lsn position) {
        return Lsn.parse(from).map(lsn -> lsn.compareTo(position) < 0).orElse(true);
    }

    WalGap endingAt(Lsn position) {
        return new WalGap(at, from, position.toString(), reason);
    }

    @Override
    public String toString() {
        return "from " + from + (to == null ? " on" : " to " + to) + ": " + reason;
    }
}
