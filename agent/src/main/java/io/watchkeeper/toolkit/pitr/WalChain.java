package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import io.watchkeeper.toolkit.wal.TimelineHistory;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The WAL that a recovery from a backup can use: segment after segment, without a gap, along the newest timeline that comes from
 * the backup's.
 *
 * @param files of the archive, in the order in which they are replayed
 * @param timeline on which the last of them lies
 * @param end a position that recovery cannot get beyond
 * @param newest when the last of them was written to; null when there is none
 * @param missing the segment that is missing although later ones are there; null when the chain simply ends
 */
record WalChain(
        List<ArchivedFile> files,
        long timeline,
        Lsn end,
        @Nullable Instant newest,
        @Nullable String missing) {

    static WalChain follow(ArchivedLog log, BackupManifest backup) throws IOException {
        return new Walk(log, backup).chain();
    }

    long bytes() {
        return files.stream().mapToLong(ArchivedFile::bytes).sum();
    }

    /** The segment replayed after this one; empty when there is none. */
    Optional<String> after(String name) {
        for (int i = 0; i + 1 < files.size(); i++) {
            if (files.get(i).name().equals(name)) {
                return Optional.of(files.get(i + 1).name());
            }
        }
        return Optional.empty();
    }

    private static final class Walk {

        private final Map<String, ArchivedFile> whole = new HashMap<>();
        private final Map<String, ArchivedFile> partial = new HashMap<>();
        private final ArchivedLog log;
        private final BackupManifest backup;
        private final long size;
        private final TimelineHistory past;

        Walk(ArchivedLog log, BackupManifest backup) throws IOException {
            this.log = log;
            this.backup = backup;
            this.size = backup.walSegmentSize();
            TimelineHistory newest = new TimelineHistory(backup.timeline(), List.of());
            for (ArchivedFile file : log.files()) {
                switch (file.kind()) {
                    case SEGMENT -> whole.put(file.name(), file);
                    case PARTIAL -> partial.put(file.name(), file);
                    case HISTORY -> {
                        long timeline = Long.parseLong(file.name().substring(0, 8), 16);
                        if (timeline > newest.timeline()) {
                            TimelineHistory found = TimelineHistory.parse(
                                    timeline, log.history(file.name()).orElse(""));
                            newest = found.contains(backup.timeline(), stop()) ? found : newest;
                        }
                    }
                    case BACKUP_NOTE -> {}
                }
            }
            this.past = newest;
        }

        private Lsn stop() {
            return backup.stopLsn() == null ? new Lsn(0) : backup.stopLsn();
        }

        private Lsn start() {
            return backup.startLsn() == null ? new Lsn(0) : backup.startLsn();
        }

        WalChain chain() throws IOException {
            List<ArchivedFile> files = new ArrayList<>();
            long number = WalSegment.at(1, start(), size).number();
            // The backup brings the WAL between its own start and stop along.
            long own = WalSegment.at(1, new Lsn(Math.max(0, stop().position() - 1)), size)
                    .number();
            long timeline = backup.timeline();
            Lsn end = stop();
            while (true) {
                ArchivedFile found = find(whole, number, timeline);
                ArchivedFile begun = found == null ? find(partial, number, timeline) : null;
                if (found == null && begun == null && number > own) {
                    return new WalChain(files, timeline, end, newest(files), laterThan(number) ? name(number) : null);
                }
                ArchivedFile next = found == null ? begun : found;
                if (next != null) {
                    files.add(next);
                    timeline = Long.parseLong(next.name().substring(0, 8), 16);
                    end = max(end, new WalSegment(timeline, number, size).end());
                }
                if (begun != null && number >= own) {
                    boolean more = laterThan(number + 1);
                    return new WalChain(files, timeline, end, newest(files), more ? name(number) : null);
                }
                number++;
            }
        }

        /** As the server looks: the newest timeline first that has the segment, and never back to an older one. */
        private @Nullable ArchivedFile find(Map<String, ArchivedFile> among, long number, long from) {
            for (long timeline : timelines()) {
                if (timeline >= from && number >= firstOf(timeline)) {
                    ArchivedFile file = among.get(new WalSegment(timeline, number, size).name());
                    if (file != null) {
                        return file;
                    }
                }
            }
            return null;
        }

        /** Of the backup's timeline and those that came from it, newest first. */
        private List<Long> timelines() {
            List<Long> all = new ArrayList<>();
            all.add(past.timeline());
            for (int i = past.branches().size() - 1; i >= 0; i--) {
                long timeline = past.branches().get(i).timeline();
                if (timeline >= backup.timeline()) {
                    all.add(timeline);
                }
            }
            return all;
        }

        /** The number of a timeline's first segment. */
        private long firstOf(long timeline) {
            Lsn begin = new Lsn(0);
            for (TimelineHistory.Branch branch : past.branches()) {
                if (branch.timeline() < timeline) {
                    begin = branch.end();
                }
            }
            return WalSegment.at(timeline, begin, size).number();
        }

        private boolean laterThan(long number) {
            return whole.keySet().stream()
                    .flatMap(name -> WalSegment.parse(name, size).stream())
                    .anyMatch(segment -> segment.number() >= number
                            && timelines().contains(segment.timeline())
                            && segment.number() >= firstOf(segment.timeline())
                            && isInPast(segment));
        }

        /** An ancestor's segments behind the point where it was left belong to nobody's past. */
        private boolean isInPast(WalSegment segment) {
            return past.leftAt(segment.timeline())
                    .map(left -> segment.start().compareTo(left) < 0)
                    .orElse(segment.timeline() == past.timeline());
        }

        private String name(long number) {
            return new WalSegment(past.timelineAt(new Lsn(number * size)), number, size).name();
        }

        private static Lsn max(Lsn a, Lsn b) {
            return a.compareTo(b) >= 0 ? a : b;
        }

        private @Nullable Instant newest(List<ArchivedFile> files) throws IOException {
            return files.isEmpty() ? null : log.written(files.get(files.size() - 1));
        }
    }
}
