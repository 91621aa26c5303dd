package io.watchkeeper.toolkit.backup;

import java.util.List;

/** What an expiry did. @param results one for each database */
public record ExpiredBackups(List<ExpiryResult> results) {

    public ExpiredBackups {
        results = List.copyOf(results);
    }

    /** Backups that are gone. */
    public int removed() {
        return results.stream().mapToInt(result -> result.removed().size()).sum();
    }

    /** Backups that are left. */
    public int kept() {
        return results.stream().mapToInt(ExpiryResult::kept).sum();
    }

    /** Segments of archived log that are gone. */
    public int segmentsRemoved() {
        return results.stream().mapToInt(ExpiryResult::segmentsRemoved).sum();
    }

    /** What was given back. */
    public long bytes() {
        return results.stream().mapToLong(ExpiryResult::bytes).sum();
    }
}
