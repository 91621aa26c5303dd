package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/**
 * Which log an archive has: asked with where a backup begins, it says how far replay leads and what is missing on the way. Looks at names
 * only, in one pass over the folder; what is in the files is verified elsewhere.
 */
public final class WalContinuity {

    private static final int MOST_NAMED = 100;

    private final long segmentSize;
    private final Set<WalSegment> whole = new HashSet<>();
    private final Set<WalSegment> begun = new HashSet<>();
    private final Map<Long, TimelineHistory> histories = new HashMap<>();

    private WalContinuity(WalArchive archive, long segmentSize) {
        this.segmentSize = segmentSize;
        for (ArchivedFile file : archive.files()) {
            switch (file.kind()) {
                case SEGMENT -> file.segment(segmentSize).ifPresent(whole::add);
                case PARTIAL -> file.segment(segmentSize).ifPresent(begun::add);
                case HISTORY -> read(file).ifPresent(history -> histories.put(history.timeline(), history));
                case BACKUP_NOTE -> {
                    // Tells nothing that is needed.
                }
            }
        }
    }

    /** Reads an archive's folder. @param segmentSize of the cluster, in bytes; see {@link #of(WalArchive)} */
    public static WalContinuity of(WalArchive archive, long segmentSize) {
        return new WalContinuity(archive, segmentSize);
    }

    /** As {@link #of(WalArchive, long)}, with the size that the archive itself knows. */
    public static WalContinuity of(WalArchive archive) {
        return new WalContinuity(archive, archive.segmentSize());
    }

    /** What the archive has from a position on. @param timeline on which the position lies */
    public WalChain from(long timeline, Lsn start) {
        TimelineHistory path = latestFrom(timeline, start);
        WalSegment first = WalSegment.at(path.timelineAt(start), start, segmentSize);
        Optional<WalSegment> last = newestOn(path, first.number());
        List<String> missing = new ArrayList<>();
        long count = 0;
        for (long one : timelines()) {
            // Without it nobody can tell whether the timeline comes from here, neither this nor recovery.
            if (one > 1 && one >= path.timeline() && !histories.containsKey(one)) {
                missing.add(TimelineHistory.fileName(one));
                count++;
            }
        }
        Lsn end = null;
        long until = last.map(WalSegment::number).orElse(first.number());
        for (long number = first.number(); number <= until; number++) {
            WalSegment wanted = onPath(path, number);
            boolean there = whole.contains(wanted) || (number == until && begun.contains(wanted));
            if (there) {
                continue;
            }
            count++;
            if (missing.size() < MOST_NAMED) {
                missing.add(wanted.name());
            }
            if (end == null) {
                end = wanted.start().compareTo(start) < 0 ? start : wanted.start();
            }
        }
        if (end == null) {
            // Of a segment that is being received nobody knows from its name how much of it is there.
            WalSegment lastThere = onPath(path, until);
            end = whole.contains(lastThere) ? lastThere.end() : later(start, lastThere.start());
        }
        return new WalChain(
                start,
                path.timeline(),
                missing,
                count,
                end,
                last.map(WalSegment::name).orElse(null));
    }

    /** Where the archive begins: its oldest whole segment; empty when it has none. */
    public Optional<WalSegment> oldest() {
        return whole.stream().min(Comparator.comparingLong(WalSegment::number).thenComparingLong(WalSegment::timeline));
    }

    /** The furthest segment of the latest timeline, whole or begun; empty when there is none. */
    public Optional<WalSegment> newest() {
        Set<WalSegment> all = new HashSet<>(whole);
        all.addAll(begun);
        return all.stream().max(Comparator.comparingLong(WalSegment::timeline).thenComparingLong(WalSegment::number));
    }

    public long segmentSize() {
        return segmentSize;
    }

    /** Whole segments. */
    public int count() {
        return whole.size();
    }

    private static Lsn later(Lsn one, Lsn other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** The latest timeline that has the position in its past: the one that recovery follows by itself. */
    private TimelineHistory latestFrom(long timeline, Lsn start) {
        return timelines().stream()
                .filter(one -> one > timeline)
                .map(histories::get)
                .filter(history -> history != null && history.contains(timeline, start))
                .max(Comparator.comparingLong(TimelineHistory::timeline))
                .orElseGet(() -> histories.getOrDefault(timeline, new TimelineHistory(timeline, List.of())));
    }

    private Set<Long> timelines() {
        Set<Long> all = new TreeSet<>(histories.keySet());
        whole.forEach(segment -> all.add(segment.timeline()));
        begun.forEach(segment -> all.add(segment.timeline()));
        return all;
    }

    private Optional<WalSegment> newestOn(TimelineHistory path, long from) {
        Set<WalSegment> all = new HashSet<>(whole);
        all.addAll(begun);
        return all.stream()
                .filter(segment -> segment.number() >= from
                        && onPath(path, segment.number()).equals(segment))
                .max(Comparator.comparingLong(WalSegment::number));
    }

    /** The file that replay reads: of the segment in which a timeline is left, the next one's, which has all that came before. */
    private WalSegment onPath(TimelineHistory path, long number) {
        long timeline = path.branches().stream()
                .filter(branch -> number
                        < WalSegment.at(branch.timeline(), branch.end(), segmentSize)
                                .number())
                .map(TimelineHistory.Branch::timeline)
                .findFirst()
                .orElse(path.timeline());
        return new WalSegment(timeline, number, segmentSize);
    }

    private static Optional<TimelineHistory> read(ArchivedFile file) {
        if (file.encrypted()
                || !(file.compression().isEmpty() || file.compression().equals(".gz"))) {
            return Optional.empty();
        }
        long timeline = Long.parseLong(file.name().substring(0, 8), 16);
        try (InputStream stored = Files.newInputStream(file.path());
                InputStream in = file.compression().isEmpty() ? stored : new GZIPInputStream(stored)) {
            return Optional.of(TimelineHistory.parse(timeline, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(file.path() + " cannot be read", e);
        }
    }
}
