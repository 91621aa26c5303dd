package io.watchkeeper.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which entries are wanted. In actor, action and subject a {@code *} stands for any characters; null is no condition.
 *
 * @param since entries of this time or later
 * @param until entries of before this time
 * @param before only entries with a lower position than this, for paging; 0 for the newest
 * @param limit at most this many
 */
public record AuditQuery(
        @Nullable String actor,
        @Nullable String action,
        @Nullable String subject,
        @Nullable Instant since,
        @Nullable Instant until,
        long before,
        int limit) {

    /** The newest of all. */
    public static AuditQuery newest(int limit) {
        return new AuditQuery(null, null, null, null, null, 0, limit);
    }
}
