package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a timeline comes from, as its {@code .history} file has it.
 *
 * @param timeline whose past it is
 * @param branches its ancestors, oldest first, each with where the next one left it
 */
public record TimelineHistory(long timeline, List<Branch> branches) {

    /** @param end the position at which the next timeline left this one */
    public record Branch(long timeline, Lsn end) {}

    public TimelineHistory {
        branches = List.copyOf(branches);
    }

    /** The first timeline's, which has no past and no file. */
    public static TimelineHistory first() {
        return new TimelineHistory(1, List.of());
    }

    /** Reads a history file; lines that are none are comments. */
    public static TimelineHistory parse(long timeline, String text) {
        List<Branch> branches = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] words = line.strip().split("\\s+");
            if (words.length > 1 && words[0].matches("\\d{1,10}")) {
                Optional<Lsn> end = Lsn.parse(words[1]);
                end.ifPresent(lsn -> branches.add(new Branch(Long.parseLong(words[0]), lsn)));
            }
        }
        return new TimelineHistory(timeline, branches);
    }

    /** The name of a timeline's history file. */
    public static String fileName(long timeline) {
        return String.format(Locale.ROOT, "%08X.history", timeline);
    }

    /** Where this timeline's past left the other one; empty when that is this one or none of its ancestors. */
    public Optional<Lsn> leftAt(long ancestor) {
        return branches.stream()
                .filter(branch -> branch.timeline() == ancestor)
                .map(Branch::end)
                .findFirst();
    }

    /** Whether a position of a timeline lies in this one's past, or on it. */
    public boolean contains(long ofTimeline, Lsn position) {
        return ofTimeline == timeline
                || leftAt(ofTimeline).map(end -> position.compareTo(end) <= 0).orElse(false);
    }

    /** The timeline on which a position lies in this past. */
    public long timelineAt(Lsn position) {
        return branches.stream()
                .filter(branch -> position.compareTo(branch.end()) < 0)
                .map(Branch::timeline)
                .findFirst()
                .orElse(timeline);
    }
}
