package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log from one position on, as far as the archive has it.
 *
 * @param from where replay would begin
 * @param timeline on which it ends: the latest that comes from the one it began on
 * @param missing names of segments and history files without which it cannot be replayed to its end; at most a hundred of them
 * @param missingCount how many these are
 * @param end replay without a gap leads up to here at most; the same as {@code from} when not even the first segment is there
 * @param newest the name of the last segment that is there, with or without a gap before it; null when there is none
 */
public record WalChain(
        Lsn from,
        long timeline,
        List<String> missing,
        long missingCount,
        Lsn end,
        @Nullable String newest) {

    public WalChain {
        missing = List.copyOf(missing);
    }

    /** Whether nothing is missing between its first and its last segment. */
    public boolean isWhole() {
        return missingCount == 0;
    }

    /** Whether replay gets to a position, such as the end of the backup that it begins with. */
    public boolean reaches(Lsn position) {
        return end.compareTo(position) >= 0;
    }
}
