package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.toolkit.backup.ExpirySituation.Family;
import io.watchkeeper.toolkit.backup.ExpirySituation.Kept;
import io.watchkeeper.toolkit.backup.ExpirySituation.Segment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What expiry promises, tried on made-up repositories of every kind. Each has a number that makes it again. */
class ExpiryPropertyTest {

    private static final int REPOSITORIES = 10_000;
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void keepsEveryPromiseAtEveryPossibleCrash() {
        long backupsGone = 0;
        long segmentsGone = 0;
        for (int seed = 0; seed < REPOSITORIES; seed++) {
            Random random = new Random(seed);
            RetentionPolicy policy = policy(random);
            ExpirySituation before = situation(random);
            ExpiryPlan plan = ExpiryPlanner.plan(before, policy);

            ExpirySituation end = after(before, plan, steps(plan));
            int crash = random.nextInt(steps(plan) + 1);
            for (int step = 0; step <= steps(plan); step++) {
                assertPromises(seed, before, after(before, plan, step), policy);
            }
            ExpirySituation crashed = after(before, plan, crash);
            ExpiryPlan again = ExpiryPlanner.plan(crashed, policy);
            assertThat(ids(after(crashed, again, steps(again))))
                    .as("repository %d goes on after a crash at step %d", seed, crash)
                    .isEqualTo(ids(end));
            assertThat(ExpiryPlanner.plan(end, policy).isEmpty())
                    .as("repository %d: nothing is left to do", seed)
                    .isTrue();
            backupsGone += plan.doomedBackups().size();
            segmentsGone += plan.doomedSegments().size();
        }
        // Keeping everything would keep every promise, too.
        assertThat(backupsGone).isGreaterThan(REPOSITORIES);
        assertThat(segmentsGone).isGreaterThan(REPOSITORIES);
    }

    private static void assertPromises(int seed, ExpirySituation before, ExpirySituation now, RetentionPolicy policy) {
        Set<String> left = now.backups().stream().map(Kept::id).collect(Collectors.toSet());
        Map<String, Kept> all = byId(before);
        for (Kept backup : before.backups()) {
            if (backup.heldBy() != null || backup.usedBy() != null || backup.foreign()) {
                assertThat(left).as("repository %d", seed).contains(backup.id());
            }
        }
        for (Family family : Family.values()) {
            List<Kept> good = before.backups().stream()
                    .filter(b -> b.family() == family && !b.foreign() && chainIsGood(b, all))
                    .toList();
            long goodLeft = good.stream()
                    .filter(b -> left.contains(b.id()) && chainIsGood(b, byId(now)))
                    .count();
            assertThat(goodLeft)
                    .as("repository %d: good ones of %s", seed, family)
                    .isGreaterThanOrEqualTo(Math.min(policy.keepAtLeast(), good.size()));
            good.stream()
                    .map(Kept::finishedAt)
                    .max(Instant::compareTo)
                    .ifPresent(newest -> assertThat(now.backups().stream().map(Kept::finishedAt))
                            .as("repository %d: the newest good one of %s", seed, family)
                            .contains(newest));
        }
        for (Kept backup : now.backups()) {
            for (String part : chain(backup, all)) {
                assertThat(left)
                        .as("repository %d: what %s builds on", seed, backup.id())
                        .contains(part);
            }
            if (backup.startSegment() != null && !backup.foreign()) {
                assertThat(reachable(now, backup.startSegment()))
                        .as("repository %d: WAL of %s", seed, backup.id())
                        .isEqualTo(reachable(before, backup.startSegment()));
            }
        }
    }

    private static Set<String> reachable(ExpirySituation situation, String start) {
        return situation.wal().stream()
                .map(Segment::name)
                .filter(name -> name.substring(8).compareTo(start) >= 0)
                .collect(Collectors.toSet());
    }

    /** The backup's own id and those of all it builds on that exist; stops at what is missing and at circles. */
    private static Set<String> chain(Kept backup, Map<String, Kept> all) {
        Set<String> parts = new HashSet<>();
        for (Kept part = backup; part != null && parts.add(part.id()); ) {
            part = part.parent() == null ? null : all.get(part.parent());
        }
        return parts;
    }

    private static boolean chainIsGood(Kept backup, Map<String, Kept> all) {
        Set<String> seen = new HashSet<>();
        Kept part = backup;
        while (seen.add(part.id()) && !part.damaged()) {
            if (part.parent() == null) {
                return true;
            }
            if (!all.containsKey(part.parent())) {
                return false;
            }
            part = all.get(part.parent());
        }
        return false;
    }

    private static Map<String, Kept> byId(ExpirySituation situation) {
        return situation.backups().stream().collect(Collectors.toMap(Kept::id, Function.identity()));
    }

    private static int steps(ExpiryPlan plan) {
        return plan.doomedBackups().size() + plan.doomedSegments().size();
    }

    /** The repository after the first so many deletions of the plan. */
    private static ExpirySituation after(ExpirySituation before, ExpiryPlan plan, int steps) {
        List<String> order = new ArrayList<>(plan.doomedBackups());
        order.addAll(plan.doomedSegments());
        Set<String> gone = new HashSet<>(order.subList(0, steps));
        return new ExpirySituation(
                before.backups().stream().filter(b -> !gone.contains(b.id())).toList(),
                before.wal().stream().filter(s -> !gone.contains(s.name())).toList(),
                before.now());
    }

    private static Set<String> ids(ExpirySituation situation) {
        Set<String> ids = new HashSet<>();
        situation.backups().forEach(b -> ids.add(b.id()));
        situation.wal().forEach(s -> ids.add(s.name()));
        return ids;
    }

    private static RetentionPolicy policy(Random random) {
        Integer last = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : null;
        boolean byAge = last == null || random.nextBoolean();
        return new RetentionPolicy(
                byAge ? Duration.ofHours(random.nextInt(24 * 10)) : null,
                byAge ? Duration.ofHours(random.nextInt(24 * 10)) : null,
                last,
                1 + random.nextInt(3),
                Duration.ofHours(random.nextInt(24 * 15)));
    }

    /** Backups and segments over twenty days, with everything that can be wrong with them. */
    private static ExpirySituation situation(Random random) {
        List<Kept> backups = new ArrayList<>();
        int count = random.nextInt(14);
        double damage = random.nextInt(4) == 0 ? 0.8 : 0.15;
        for (int i = 0; i < count; i++) {
            backups.add(backup(random, i, backups, damage));
        }
        // Somebody may have taken a backup away by hand, also one that others build on.
        if (!backups.isEmpty() && random.nextInt(4) == 0) {
            backups.remove(random.nextInt(backups.size()));
        }
        return new ExpirySituation(backups, wal(random), NOW);
    }

    private static Kept backup(Random random, int number, List<Kept> earlier, double damage) {
        // Not always in the order of their ids: clocks are set back.
        Instant at = NOW.minus(Duration.ofMinutes(random.nextInt(20 * 24 * 60)));
        boolean dump = random.nextInt(3) == 0;
        List<Kept> fulls =
                earlier.stream().filter(b -> b.family() == Family.BASE).toList();
        String parent = !dump && !fulls.isEmpty() && random.nextBoolean()
                ? fulls.get(random.nextInt(fulls.size())).id()
                : null;
        return new Kept(
                "backup-" + number,
                dump ? Family.DUMP : Family.BASE,
                parent,
                at,
                dump ? null : position(random.nextInt(40)),
                1_000,
                random.nextDouble() < damage,
                random.nextInt(12) == 0 ? "shore-dba: before the migration" : null,
                random.nextInt(12) == 0 ? "a drill" : null,
                random.nextInt(15) == 0);
    }

    private static List<Segment> wal(Random random) {
        List<Segment> wal = new ArrayList<>();
        int timeline = 1;
        for (int number = random.nextInt(10); number < 40; number++) {
            if (random.nextInt(15) == 0) {
                continue; // a gap
            }
            Instant at = NOW.minus(Duration.ofHours((40L - number) * 12 + random.nextInt(12)));
            wal.add(new Segment(String.format(Locale.ROOT, "%08X", timeline) + position(number), at, 16));
            if (random.nextInt(12) == 0) {
                timeline++;
                wal.add(new Segment(String.format(Locale.ROOT, "%08X", timeline) + position(number), at, 16));
            }
        }
        return wal;
    }

    /** Few segments to a log file, so that the higher digits change, too. */
    private static String position(int number) {
        return String.format(Locale.ROOT, "%08X%08X", number / 16, number % 16);
    }
}
