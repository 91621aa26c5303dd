package io.watchkeeper.toolkit.backup;

import io.watchkeeper.toolkit.wal.WalChain;
import io.watchkeeper.toolkit.wal.WalContinuity;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.util.Comparator;
import java.util.HashMap;
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

    /**
     * Marks all backups.
     *
     * @return those that cannot be rolled forward to the archive's end although it has their beginning, by id, and why
     */
    Map<String, String> mark() {
        Map<String, String> limits = new TreeMap<>();
        Map<Long, WalContinuity> bySize = new HashMap<>();
        for (Backup backup : catalogue.backups()) {
            BackupManifest manifest = backup.manifest();
            if (!manifest.kind().isPhysical() || manifest.startLsn() == null || manifest.walSegmentSize() <= 0) {
                continue;
            }
            WalContinuity archive =
                    bySize.computeIfAbsent(manifest.walSegmentSize(), size -> WalContinuity.of(catalogue.wal(), size));
            WalSegment start = WalSegment.at(manifest.timeline(), manifest.startLsn(), manifest.walSegmentSize());
            String limit = limit(manifest, start, archive).orElse(null);
            if (!Objects.equals(limit, backup.status().limit())) {
                catalogue.status(backup.id(), status -> status.withLimit(limit));
            }
            boolean archivedFromThere = archive.oldest()
                    .filter(oldest -> oldest.number() <= start.number())
                    .isPresent();
            if (limit != null && archivedFromThere) {
                limits.put(backup.id(), limit);
            }
        }
        return limits;
    }

    private Optional<String> limit(BackupManifest manifest, WalSegment start, WalContinuity archive) {
        WalChain chain = archive.from(manifest.timeline(), start.start());
        // Where nothing after its beginning is archived yet, there is nothing to roll it forward with, and no gap
        // either.
        boolean gap = chain.newest() != null && !chain.isWhole();
        Optional<WalSegment> damaged = firstDamaged(start);
        if (damaged.isPresent() && (!gap || damaged.get().start().compareTo(chain.end()) <= 0)) {
            return Optional.of("not restorable beyond " + damaged.get().start() + ": archived segment "
                    + damaged.get().name() + " is damaged");
        }
        return gap
                ? Optional.of("not restorable beyond " + chain.end() + ": "
                        + chain.missing().get(0) + " is not in the archive"
                        + (chain.missingCount() > 1 ? ", and " + (chain.missingCount() - 1) + " more" : ""))
                : Optional.empty();
    }

    private Optional<WalSegment> firstDamaged(WalSegment start) {
        return problems.keySet().stream()
                .map(file -> segment(file, start.size()))
                .flatMap(Optional::stream)
                .filter(bad -> bad.timeline() >= start.timeline() && bad.number() >= start.number())
                .min(Comparator.comparingLong(WalSegment::number));
    }

    private static Optional<WalSegment> segment(String file, long size) {
        return file.length() < 24 ? Optional.empty() : WalSegment.parse(file.substring(0, 24), size);
    }
}
