package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.toolkit.wal.WalSegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The segments that an archive of pgBackRest's has, read from the names of its files: which are missing, it does not say itself. */
final class SegmentList {

    private static final Pattern FILE = Pattern.compile("(?:.*/)?([0-9A-F]{24})-[0-9a-f]{40}(?:\\.[a-z0-9]+)?");

    /** Segments that are not there. @param first of them @param last of them, on the same timeline */
    record Gap(WalSegment first, WalSegment last) {
        long count() {
            return last.number() - first.number() + 1;
        }

        @Override
        public String toString() {
            return count() == 1 ? first.name() : first.name() + " to " + last.name() + " (" + count() + " segments)";
        }
    }

    private final TreeMap<Long, NavigableSet<Long>> byTimeline = new TreeMap<>();
    private final long segmentSize;

    private SegmentList(long segmentSize) {
        this.segmentSize = segmentSize;
    }

    /** @param names as {@code repo-ls --recurse} lists them */
    static SegmentList of(Collection<String> names, long segmentSize) {
        SegmentList list = new SegmentList(segmentSize);
        for (String name : names) {
            Matcher m = FILE.matcher(name.strip());
            if (m.matches()) {
                WalSegment.parse(m.group(1), segmentSize)
                        .ifPresent(segment -> list.byTimeline
                                .computeIfAbsent(segment.timeline(), t -> new TreeSet<>())
                                .add(segment.number()));
            }
        }
        return list;
    }

    long count() {
        return byTimeline.values().stream().mapToLong(NavigableSet::size).sum();
    }

    /** The last one in it, of the newest timeline. */
    Optional<WalSegment> newest() {
        return byTimeline.isEmpty()
                ? Optional.empty()
                : Optional.of(segment(
                        byTimeline.lastKey(), byTimeline.lastEntry().getValue().last()));
    }

    /** Those a backup cannot be restored without, and that are not there. */
    List<Gap> missing(StanzaBackup backup) {
        Optional<WalSegment> first = parse(backup.walStart());
        Optional<WalSegment> last = parse(backup.walStop());
        if (first.isEmpty() || last.isEmpty()) {
            return List.of();
        }
        return between(first.get().timeline(), first.get().number(), last.get().number());
    }

    /**
     * Where recovery from the backups would stop before the archive's end.
     *
     * <p>Segments from just after one backup to just before the next are not there when pgBackRest has expired them by its own setting
     * {@code repo-retention-archive}: that was meant, and is no gap.
     *
     * @param backups of this archive
     */
    List<Gap> gaps(List<StanzaBackup> backups) {
        List<Gap> gaps = new ArrayList<>();
        long reached = -1;
        for (Map.Entry<Long, NavigableSet<Long>> one : byTimeline.entrySet()) {
            long timeline = one.getKey();
            NavigableSet<Long> numbers = one.getValue();
            if (reached >= 0 && numbers.first() > reached + 1) {
                // A timeline begins in the segment in which the one before was left.
                gaps.add(new Gap(segment(timeline, reached + 1), segment(timeline, numbers.first() - 1)));
            }
            gaps.addAll(between(timeline, numbers.first(), numbers.last()));
            reached = numbers.last();
        }
        gaps.removeIf(gap -> expired(gap, backups));
        return gaps;
    }

    private boolean expired(Gap gap, List<StanzaBackup> backups) {
        long before = gap.first().number() - 1;
        long after = gap.last().number() + 1;
        return backups.stream().anyMatch(b -> isAt(b.walStop(), before))
                && backups.stream().anyMatch(b -> isAt(b.walStart(), after));
    }

    private boolean isAt(@Nullable String name, long number) {
        return parse(name).map(segment -> segment.number() == number).orElse(false);
    }

    private List<Gap> between(long timeline, long first, long last) {
        NavigableSet<Long> there = byTimeline.getOrDefault(timeline, new TreeSet<>());
        List<Gap> gaps = new ArrayList<>();
        long next = first;
        for (long number : there.subSet(first, true, last, true)) {
            if (number > next) {
                gaps.add(new Gap(segment(timeline, next), segment(timeline, number - 1)));
            }
            next = number + 1;
        }
        if (next <= last) {
            gaps.add(new Gap(segment(timeline, next), segment(timeline, last)));
        }
        return gaps;
    }

    private Optional<WalSegment> parse(@Nullable String name) {
        return name == null ? Optional.empty() : WalSegment.parse(name, segmentSize);
    }

    private WalSegment segment(long timeline, long number) {
        return new WalSegment(timeline, number, segmentSize);
    }
}
