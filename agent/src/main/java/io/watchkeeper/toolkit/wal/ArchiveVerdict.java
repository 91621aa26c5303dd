package io.watchkeeper.toolkit.wal;

import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with an archive: the first thing fails the run, the others are said beside it. */
final class ArchiveVerdict {

    private static final String NEW_BACKUP =
            "make a base backup now (watchkeeper backup base --database %s): the ones from before"
                    + " lead up to the gap and no further.";

    private final String database;
    private final WalArchive archive;
    private final @Nullable WalStart newestBackup;
    private final List<WalGap> gaps;
    private final List<String> notes = new ArrayList<>();
    private List<String> missing = List.of();
    private @Nullable OperatorException failure;
    private final WalContinuity continuity;

    ArchiveVerdict(String database, WalArchive archive, @Nullable WalStart newestBackup) {
        this.database = database;
        this.archive = archive;
        this.newestBackup = newestBackup;
        this.gaps = ArchiveRecord.read(archive).map(ArchiveRecord::gaps).orElse(List.of());
        this.continuity = WalContinuity.of(archive);
    }

    void add(@Nullable OperatorException problem) {
        if (problem == null) {
            return;
        }
        if (failure == null) {
            failure = problem;
        } else {
            notes.add(String.valueOf(problem.getMessage()));
        }
    }

    /** Gaps that are known, and segments that are not there. */
    void lookAtFiles() {
        WalStart backup = newestBackup;
        for (WalGap gap : gaps) {
            if (backup == null || !gap.isBefore(backup.position())) {
                add(new OperatorException(
                        "the archive of '" + database + "' has a gap " + gap, NEW_BACKUP.formatted(database)));
            }
        }
        Optional<WalSegment> oldest = continuity.oldest();
        if (oldest.isEmpty()) {
            return;
        }
        missing = unexplained(
                continuity.from(oldest.get().timeline(), oldest.get().start()));
        List<String> needed =
                backup == null ? missing : unexplained(continuity.from(backup.timeline(), backup.position()));
        if (!needed.isEmpty()) {
            add(new OperatorException(
                    archive.folder() + " misses " + needed.size() + " files that are needed, the first is "
                            + needed.get(0),
                    NEW_BACKUP.formatted(database)));
        } else if (!missing.isEmpty()) {
            notes.add(missing.size() + " segments are missing before the newest base backup, the first is "
                    + missing.get(0));
        }
    }

    /** What is missing beside the gaps that are known and said already. */
    private List<String> unexplained(WalChain chain) {
        return chain.missing().stream().filter(name -> !isInGap(name)).toList();
    }

    private boolean isInGap(String name) {
        return WalSegment.parse(name, continuity.segmentSize())
                .map(segment -> gaps.stream().anyMatch(gap -> gap.covers(segment)))
                .orElse(false);
    }

    long segments() {
        return continuity.count();
    }

    List<String> missing() {
        return missing;
    }

    List<WalGap> gaps() {
        return gaps;
    }

    List<String> notes() {
        return notes;
    }

    @Nullable
    OperatorException failure() {
        return failure;
    }
}
