package io.watchkeeper.toolkit.index;

import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds indexes that no query of any server has used for long. */
final class UnusedIndexes {

    private final List<IndexUse> uses;
    private final Map<IndexName, List<IndexName>> parts;
    private final Duration unusedFor;
    private final Instant now;
    private final List<ReviewFinding> findings = new ArrayList<>();
    private int tooYoung;
    private Duration youngest = Duration.ofDays(36_500);

    /** @param parts of indexes over partitions, those of the partitions */
    UnusedIndexes(List<IndexUse> uses, Map<IndexName, List<IndexName>> parts, Duration unusedFor, Instant now) {
        this.uses = uses;
        this.parts = parts;
        this.unusedFor = unusedFor;
        this.now = now;
    }

    /** What holds up a rule of the table, or a foreign key, is there for more than queries. */
    void look(IndexedTable table, IndexFacts index) {
        boolean forForeignKey = table.foreignKeys().stream().anyMatch(key -> index.leadsWith(key.columns()));
        if (index.isRule() || forForeignKey) {
            return;
        }
        List<IndexName> names = parts.getOrDefault(index.index(), List.of(index.index()));
        Instant since = Instant.EPOCH;
        for (IndexUse use : uses) {
            Instant one = use.unusedSince(names, now);
            since = one.isAfter(since) ? one : since;
        }
        Duration unused = Duration.between(since, now);
        if (unused.compareTo(unusedFor) >= 0) {
            findings.add(new ReviewFinding(
                    "unused",
                    ReviewStatus.WARN,
                    index.words() + " of " + table.table() + " has been of no use to any query for "
                            + DurationText.say(unused) + servers() + ", and every write keeps it up",
                    Map.of(
                            "index",
                            index.index().toString(),
                            "table",
                            table.table().toString(),
                            "bytes",
                            index.bytes()),
                    index.drop()));
        } else if (since.isBefore(now)) {
            tooYoung++;
            youngest = unused.compareTo(youngest) < 0 ? unused : youngest;
        }
    }

    private String servers() {
        return uses.size() == 1
                ? ""
                : " on "
                        + String.join(
                                ", ", uses.stream().map(IndexUse::database).toList());
    }

    List<ReviewFinding> findings() {
        if (tooYoung > 0) {
            findings.add(new ReviewFinding(
                    "tooYoung",
                    ReviewStatus.OK,
                    tooYoung + " indexes have not been used, for " + DurationText.say(youngest)
                            + " or more, as far back as the counters go; told of from " + DurationText.say(unusedFor)
                            + " on",
                    ""));
        }
        return findings;
    }

    /** What unused ones take. */
    static Bytes bytes(List<ReviewFinding> findings) {
        return new Bytes(findings.stream()
                .mapToLong(one -> one.evidence().get("bytes") instanceof Long bytes ? bytes : 0)
                .sum());
    }
}
