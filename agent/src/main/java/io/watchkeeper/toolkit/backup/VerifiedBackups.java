package io.watchkeeper.toolkit.backup;

import java.util.List;

/** What a verification read; it was sound, or it would have failed. @param results one for each database */
public record VerifiedBackups(List<IntegrityResult> results) {

    public VerifiedBackups {
        results = List.copyOf(results);
    }

    /** Backups that were read. */
    public int verified() {
        return results.stream().mapToInt(result -> result.verified().size()).sum();
    }

    /** Files of archived log that were read. */
    public int walFiles() {
        return results.stream().mapToInt(IntegrityResult::walFiles).sum();
    }

    /** What there was no time for. */
    public int left() {
        return results.stream().mapToInt(IntegrityResult::left).sum();
    }

    /** What was read. */
    public long bytes() {
        return results.stream().mapToLong(IntegrityResult::bytes).sum();
    }
}
