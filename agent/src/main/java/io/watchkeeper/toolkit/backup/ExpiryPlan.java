package io.watchkeeper.toolkit.backup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What goes and what stays, and why.
 *
 * @param backups one verdict for each backup, oldest first
 * @param wal one verdict for each run of neighbouring segments that share it, oldest first
 * @param doomedBackups ids of those that go, in the order in which they have to: what builds on another goes before it
 * @param doomedSegments names of those that go, oldest first
 */
public record ExpiryPlan(
        List<BackupVerdict> backups, List<WalVerdict> wal, List<String> doomedBackups, List<String> doomedSegments) {

    public ExpiryPlan {
        backups = List.copyOf(backups);
        wal = List.copyOf(wal);
        doomedBackups = List.copyOf(doomedBackups);
        doomedSegments = List.copyOf(doomedSegments);
    }

    /** @param reason in words, as {@code younger than 7 d} */
    public record BackupVerdict(String id, boolean goes, String reason, long bytes) {}

    /** @param first the oldest of them. @param last the newest of them */
    public record WalVerdict(String first, String last, int segments, boolean goes, String reason, long bytes) {

        /** The range as people write it. */
        public String range() {
            return segments == 1 ? first : first + " … " + last;
        }
    }

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return doomedBackups.isEmpty() && doomedSegments.isEmpty();
    }

    /** What deleting gives back. */
    public long bytesFreed() {
        return backups.stream()
                        .filter(BackupVerdict::goes)
                        .mapToLong(BackupVerdict::bytes)
                        .sum()
                + wal.stream()
                        .filter(WalVerdict::goes)
                        .mapToLong(WalVerdict::bytes)
                        .sum();
    }

    /** The verdicts as they stand in documents: what, whether it goes, why. */
    public List<Map<String, Object>> documents() {
        List<Map<String, Object>> all = new ArrayList<>();
        backups.forEach(b -> all.add(document("backup", b.id(), b.goes(), b.reason(), b.bytes())));
        wal.forEach(w -> all.add(document("wal", w.range(), w.goes(), w.reason(), w.bytes())));
        return all;
    }

    private static Map<String, Object> document(String kind, String name, boolean goes, String reason, long bytes) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(kind, name);
        document.put("goes", goes);
        document.put("reason", reason);
        document.put("bytes", bytes);
        return document;
    }
}
