package io.watchkeeper.toolkit.index;

import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds indexes of a table that another one of it makes needless, and those that are no use as they are. */
final class RedundantIndexes {

    /** What is rather kept, first: rules of the table, then what is used most. */
    private static final Comparator<IndexFacts> KEEP = Comparator.comparing((IndexFacts one) -> !one.primary())
            .thenComparing(one -> one.constraint() == null)
            .thenComparing(one -> !one.needed())
            .thenComparing(one -> !one.unique())
            .thenComparing(Comparator.comparingLong(IndexFacts::scans).reversed())
            .thenComparing(one -> one.index().toString());

    private final List<ReviewFinding> findings = new ArrayList<>();
    private final Set<IndexName> told = new HashSet<>();
    private final Set<IndexName> standIns = new HashSet<>();

    /** @return names of what was told of, and of what queries use in the place of that: whoever drops the one needs the other */
    Set<IndexName> look(IndexedTable table) {
        List<IndexFacts> valid =
                table.indexes().stream().filter(IndexFacts::valid).sorted(KEEP).toList();
        for (int kept = 0; kept < valid.size(); kept++) {
            for (int other = kept + 1; other < valid.size(); other++) {
                duplicate(valid.get(kept), valid.get(other));
            }
        }
        for (IndexFacts index : valid) {
            valid.stream()
                    .filter(other -> !told.contains(other.index()) && index.isBeginningOf(other))
                    .min(Comparator.comparingLong(IndexFacts::bytes))
                    .ifPresent(longer -> overlapping(index, longer));
        }
        Set<IndexName> names = new HashSet<>(told);
        names.addAll(standIns);
        return names;
    }

    List<ReviewFinding> findings() {
        return findings;
    }

    /** Of two that are alike, the one that is no rule of the table goes; of two unique ones, the one without a constraint. */
    private void duplicate(IndexFacts kept, IndexFacts other) {
        boolean replaceable = !other.needed() && (!other.unique() || kept.unique()) && !told.contains(kept.index());
        boolean droppable = other.constraint() == null;
        if (kept.holdsSameAs(other) && replaceable && droppable && told.add(other.index())) {
            standIns.add(kept.index());
            findings.add(new ReviewFinding(
                    "duplicate",
                    ReviewStatus.WARN,
                    other.words() + " holds the same as " + kept.words() + "; every write keeps up both",
                    Map.of(
                            "index",
                            other.index().toString(),
                            "table",
                            other.table().toString()),
                    other.drop()));
        }
    }

    private void overlapping(IndexFacts index, IndexFacts longer) {
        if (!index.isRule() && told.add(index.index())) {
            standIns.add(longer.index());
            findings.add(new ReviewFinding(
                    "overlapping",
                    ReviewStatus.WARN,
                    index.words() + " is the beginning of " + longer.words() + ", which finds the same"
                            + (longer.bytes() > 2 * index.bytes()
                                    ? "; it is " + Bytes.of(longer.bytes() - index.bytes())
                                            + " larger, which queries may feel"
                                    : ""),
                    Map.of(
                            "index",
                            index.index().toString(),
                            "table",
                            index.table().toString()),
                    index.drop()));
        }
    }
}
