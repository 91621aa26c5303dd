package io.watchkeeper.toolkit.backup;

import io.watchkeeper.toolkit.backup.ExpirySituation.Family;
import io.watchkeeper.toolkit.backup.ExpirySituation.Kept;
import io.watchkeeper.toolkit.backup.ExpirySituation.Segment;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what goes. Reads nothing and changes nothing: a situation in, a plan out, so that its promises can be tried on
 * thousands of made-up repositories.
 *
 * <p>It promises that, as long as there is one, a good backup of each family stays; that what a backup builds on stays with it;
 * that of the WAL nothing goes at or after the first segment that a remaining base backup needs; and that the same holds after
 * every single deletion of the plan, in its order, so that a crash in between leaves nothing broken.
 */
final class ExpiryPlanner {

    private final ExpirySituation situation;
    private final RetentionPolicy policy;

    /** Oldest first. */
    private final List<Kept> backups;

    private final Map<String, Kept> byId = new HashMap<>();

    /** Why each backup that stays does; the first reason found is the one told. */
    private final Map<String, String> reasons = new LinkedHashMap<>();

    private ExpiryPlanner(ExpirySituation situation, RetentionPolicy policy) {
        this.situation = situation;
        this.policy = policy;
        this.backups = situation.backups().stream()
                .sorted(Comparator.comparing(Kept::finishedAt).thenComparing(Kept::id))
                .toList();
        backups.forEach(backup -> byId.put(backup.id(), backup));
    }

    /** What goes by these rules and what stays. */
    static ExpiryPlan plan(ExpirySituation situation, RetentionPolicy policy) {
        return new ExpiryPlanner(situation, policy).plan();
    }

    private ExpiryPlan plan() {
        backups.forEach(this::keepInUse);
        for (Family family : Family.values()) {
            keepByRules(family);
        }
        // Newest first: what a backup builds on is older than it, and is reached after it.
        for (int i = backups.size() - 1; i >= 0; i--) {
            keepParents(backups.get(i));
        }
        List<Kept> doomed =
                backups.stream().filter(b -> !reasons.containsKey(b.id())).toList();
        List<ExpiryPlan.BackupVerdict> verdicts = backups.stream()
                .map(b -> new ExpiryPlan.BackupVerdict(
                        b.id(), !reasons.containsKey(b.id()), reasons.getOrDefault(b.id(), whyItGoes(b)), b.bytes()))
                .toList();
        WalPart wal = new WalPart();
        return new ExpiryPlan(verdicts, wal.verdicts, dependentsFirst(doomed), wal.doomed);
    }

    private void keepInUse(Kept backup) {
        if (backup.foreign()) {
            keep(backup, "another program made it and expires it by its own rules");
        } else if (backup.heldBy() != null) {
            keep(backup, "held by " + backup.heldBy());
        } else if (backup.usedBy() != null) {
            keep(backup, "in use by " + backup.usedBy());
        }
    }

    private void keepByRules(Family family) {
        List<Kept> mine = backups.stream()
                .filter(b -> b.family() == family && !b.foreign())
                .sorted(Comparator.comparing(Kept::finishedAt)
                        .thenComparing(Kept::id)
                        .reversed())
                .toList();
        List<Kept> good = mine.stream().filter(this::isGood).toList();
        if (good.isEmpty()) {
            mine.forEach(b -> keep(b, "no good backup of its kind is left, and this may be the best there is"));
            return;
        }
        Duration age = family == Family.DUMP ? policy.keepDumps() : policy.keepBaseBackups();
        if (age != null) {
            mine.stream()
                    .filter(b -> isYounger(Duration.between(b.finishedAt(), situation.now()), age))
                    .forEach(b -> keep(b, "younger than " + DurationText.say(age)));
        }
        if (policy.keepLast() != null) {
            good.stream()
                    .limit(policy.keepLast())
                    .forEach(b -> keep(b, "among the newest " + policy.keepLast() + " good ones"));
        }
        keepAtLeast(good);
    }

    /**
     * The newest ones, and the newest of as many full backups: whatever damages a full backup takes all that builds on it, so
     * these alone would be one backup that looks like several.
     */
    private void keepAtLeast(List<Kept> newestFirst) {
        int least = policy.keepAtLeast();
        String reason = least == 1 ? "the newest good one" : "one of the " + least + " good ones that always stay";
        Set<String> roots = new HashSet<>();
        for (int i = 0; i < newestFirst.size(); i++) {
            Kept backup = newestFirst.get(i);
            boolean ofAnotherRoot = roots.size() < least && roots.add(root(backup));
            if (i < least || ofAnotherRoot) {
                keep(backup, reason);
            }
        }
    }

    private void keepParents(Kept backup) {
        Kept above = parent(backup);
        Set<String> seen = new HashSet<>(Set.of(backup.id()));
        if (!reasons.containsKey(backup.id())) {
            return;
        }
        while (above != null && seen.add(above.id())) {
            keep(above, backup.id() + " builds on it");
            above = parent(above);
        }
    }

    private void keep(Kept backup, String reason) {
        reasons.putIfAbsent(backup.id(), reason);
    }

    private String whyItGoes(Kept backup) {
        Duration age = backup.family() == Family.DUMP ? policy.keepDumps() : policy.keepBaseBackups();
        String why = age != null
                ? "older than " + DurationText.say(age)
                : "not among the newest " + policy.keepLast() + " good ones";
        return backup.damaged() ? why + ", and damaged" : why;
    }

    /** Complete and unharmed, and so is all it builds on. */
    private boolean isGood(Kept backup) {
        Set<String> seen = new HashSet<>();
        for (Kept part = backup; part != null; part = parent(part)) {
            boolean orphan = part.parent() != null && !byId.containsKey(part.parent());
            if (part.damaged() || orphan || !seen.add(part.id())) {
                return false;
            }
        }
        return true;
    }

    private String root(Kept good) {
        Kept top = good;
        for (Kept above = parent(top); above != null; above = parent(top)) {
            top = above;
        }
        return top.id();
    }

    private @Nullable Kept parent(Kept backup) {
        return backup.parent() == null ? null : byId.get(backup.parent());
    }

    /** If the process dies between two of these deletions, no backup is left behind without what it builds on. */
    private List<String> dependentsFirst(List<Kept> doomed) {
        Comparator<Kept> deepestFirst = Comparator.comparingInt(this::depth).reversed();
        return doomed.stream()
                .sorted(deepestFirst.thenComparing(Kept::finishedAt).thenComparing(Kept::id))
                .map(Kept::id)
                .toList();
    }

    private int depth(Kept backup) {
        Set<String> seen = new HashSet<>();
        for (Kept part = backup; part != null && seen.add(part.id()); ) {
            part = parent(part);
        }
        return seen.size();
    }

    private static boolean isYounger(Duration age, Duration limit) {
        return age.compareTo(limit) < 0;
    }

    /** The archive's part: a segment goes when no remaining base backup needs it and it is old enough. */
    private final class WalPart {

        private final List<ExpiryPlan.WalVerdict> verdicts = new ArrayList<>();
        private final List<String> doomed = new ArrayList<>();

        WalPart() {
            Kept needs = backups.stream()
                    .filter(b -> reasons.containsKey(b.id()) && !b.foreign() && b.startSegment() != null)
                    .min(Comparator.comparing(b -> Objects.requireNonNull(b.startSegment())))
                    .orElse(null);
            List<Segment> oldestFirst = situation.wal().stream()
                    .sorted(Comparator.comparing(Segment::position).thenComparing(Segment::name))
                    .toList();
            List<Segment> run = new ArrayList<>();
            String reason = "";
            for (Segment segment : oldestFirst) {
                String why = whyItStays(segment, needs);
                if (why.isEmpty()) {
                    doomed.add(segment.name());
                }
                if (!run.isEmpty() && !(why.equals(reason) && sameTimeline(run, segment))) {
                    close(run, reason);
                }
                run.add(segment);
                reason = why;
            }
            close(run, reason);
        }

        private String whyItStays(Segment segment, @Nullable Kept needs) {
            String start = needs == null ? null : needs.startSegment();
            if (needs != null && start != null && segment.position().compareTo(start) >= 0) {
                return "base backup " + needs.id() + " needs it";
            }
            Duration age = Duration.between(segment.archivedAt(), situation.now());
            return isYounger(age, policy.keepWal()) ? "younger than " + DurationText.say(policy.keepWal()) : "";
        }

        private boolean sameTimeline(List<Segment> run, Segment next) {
            return run.get(0).name().regionMatches(0, next.name(), 0, 8);
        }

        private void close(List<Segment> run, String reason) {
            if (run.isEmpty()) {
                return;
            }
            boolean goes = reason.isEmpty();
            verdicts.add(new ExpiryPlan.WalVerdict(
                    run.get(0).name(),
                    run.get(run.size() - 1).name(),
                    run.size(),
                    goes,
                    goes
                            ? "older than " + DurationText.say(policy.keepWal())
                                    + ", and no remaining base backup needs it"
                            : reason,
                    run.stream().mapToLong(Segment::bytes).sum()));
            run.clear();
        }
    }
}
