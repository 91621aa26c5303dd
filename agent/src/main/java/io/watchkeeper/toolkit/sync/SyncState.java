package io.watchkeeper.toolkit.sync;

import io.watchkeeper.toolkit.copy.SourceMark;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a table is, as the target remembers it.
 *
 * @param id of the record
 * @param version counted up by every round, so that a round notices when another one came between
 * @param plan a digest of all that decides which rows are kept the same, and how they are compared; empty after a comparison of all
 *     rows that was given up
 * @param columns of the source as they were, each as {@code name type}
 * @param mark the source's place that the last round read, with the window of the last one that was proven
 * @param rows that the target had in the end
 * @param watermark where a round by timestamp begins; null before the first
 * @param kept how many rows are left different on purpose
 * @param sinceProven since the last round that misses nothing
 * @param sinceVerified since all rows were compared
 * @param sinceSynced since the last round
 */
record SyncState(
        long id,
        long version,
        String plan,
        List<String> columns,
        SourceMark mark,
        long rows,
        @Nullable String watermark,
        long kept,
        Duration sinceProven,
        Duration sinceVerified,
        Duration sinceSynced,
        TargetMark target) {

    SyncState {
        columns = List.copyOf(columns);
    }

    /** Whether the last round was one that misses nothing. */
    boolean isProven() {
        return sinceProven.compareTo(sinceSynced) <= 0;
    }
}
