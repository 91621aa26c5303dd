package io.watchkeeper.toolkit.backup;

import io.watchkeeper.toolkit.wal.WalSegment;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Says of each base backup how far the archive leads from it, and writes that down with what is known of the backup. */
final class ArchiveLimits {

    private final Catalogue catalogue;

    /** By name of the segment, with the suffixes of its file. */
    private final Map<String, String> problems;

    ArchiveLimits(Catalogue catalogue, Map<String, String> problems) {
        this.catalogue = catalogue;
        this.problems = problems;
    }

    /** Marks all backups. @return those that cannot be rolled forward to the archive's end, by id, and why */
    Map<String, String> mark() {
        Map<String, String> limits = new TreeMap<>();
        for (Backup backup : catalogue.backups()) {
            String limit = limit(backup.manifest()).orElse(null);
            if (!Objects.equals(limit, backup.status().limit())) {
                catalogue.status(backup.id(), status -> status.withLimit(limit));
            }
            if (limit != null) {
                limits.put(backup.id(), limit);
            }
        }
        return limits;
    }

    private Optional<String> limit(BackupManifest manifest) {
        if (!manifest.kind().isPhysical() || manifest.startLsn() == null || manifest.walSegmentSize() <= 0) {
            return Optional.empty();
        }
        WalSegment start = WalSegment.at(manifest.timeline(), manifest.startLsn(), manifest.walSegmentSize());
        return problems.keySet().stream()
                .map(file -> segment(file, manifest.walSegmentSize()))
                .flatMap(Optional::stream)
                .filter(bad -> bad.timeline() >= start.timeline() && bad.number() >= start.number())
                .min(Comparator.comparingLong(WalSegment::number))
                .map(bad ->
                        "not restorable beyond " + bad.start() + ": archived segment " + bad.name() + " is damaged");
    }

    private static Optional<WalSegment> segment(String file, long size) {
        return file.length() < 24 ? Optional.empty() : WalSegment.parse(file.substring(0, 24), size);
    }
}
