package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.toolkit.backup.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StanzaRetentionTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void keepsTheBackupFromWhichTheOldestMomentIsRecovered() {
        StanzaRetention.Decision decision =
                decide(days(7), List.of(full(20), full(9), full(8), full(3)), Set.of(), Set.of());

        assertThat(labels(decision.expired())).containsExactly("F20", "F9");
        assertThat(labels(decision.kept())).containsExactly("F8", "F3");
        assertThat(decision.isCount()).isTrue();
    }

    @Test
    void letsDependentsGoWithTheirFullBackup() {
        StanzaRetention.Decision decision =
                decide(days(2), List.of(full(9), dependent(9, 4), full(5), full(1)), Set.of(), Set.of());

        assertThat(decision.expired())
                .singleElement()
                .satisfies(set -> assertThat(set.backups())
                        .extracting(StanzaBackup::label)
                        .containsExactly("F9", "F9_I4"));
    }

    @Test
    void countsNoDamagedBackup() {
        RetentionPolicy two = new RetentionPolicy(null, null, 2, 1, Duration.ZERO);
        List<StanzaBackup> backups = List.of(full(9), full(8), full(7), full(6));

        assertThat(labels(decide(two, backups, Set.of(), Set.of()).kept())).containsExactly("F7", "F6");
        assertThat(labels(decide(two, backups, Set.of("F7"), Set.of()).kept())).containsExactly("F8", "F7", "F6");
        assertThat(decide(two, backups, Set.of("F9", "F8", "F7", "F6"), Set.of())
                        .expired())
                .isEmpty();
    }

    @Test
    void sparesWhatIsHeldAndSaysSo() {
        StanzaRetention.Decision decision = decide(
                days(1), List.of(full(9), dependent(9, 8), full(7), full(3), full(2)), Set.of(), Set.of("F9_I8"));

        assertThat(labels(decision.expired())).containsExactly("F7", "F3");
        assertThat(labels(decision.spared())).containsExactly("F9");
        assertThat(decision.isCount()).isFalse();
    }

    /** Whatever there is and whatever is wrong with it: what must not be lost is not. */
    @Test
    void neverLosesWhatItMustKeep() {
        Random random = new Random(20261121);
        for (int round = 0; round < 2_000; round++) {
            List<StanzaBackup> backups = new ArrayList<>();
            Set<String> damaged = new HashSet<>();
            Set<String> held = new HashSet<>();
            for (int age = 40; age > 0; age--) {
                if (random.nextInt(3) == 0) {
                    StanzaBackup one = random.nextBoolean() || backups.isEmpty()
                            ? full(age)
                            : dependent(
                                    Integer.parseInt(backups.get(backups.size() - 1)
                                            .fullLabel()
                                            .substring(1)),
                                    age);
                    backups.add(one);
                    if (random.nextInt(4) == 0) {
                        damaged.add(one.label());
                    }
                    if (random.nextInt(12) == 0) {
                        held.add(one.label());
                    }
                }
            }
            int least = 1 + random.nextInt(3);
            int days = 1 + random.nextInt(20);
            StanzaRetention.Decision decision = decide(
                    new RetentionPolicy(
                            null,
                            random.nextBoolean() ? Duration.ofDays(days) : null,
                            1 + random.nextInt(3),
                            least,
                            Duration.ZERO),
                    backups,
                    damaged,
                    held);

            List<StanzaBackup> kept = decision.kept().stream()
                    .flatMap(set -> set.backups().stream())
                    .toList();
            List<StanzaBackup> gone = decision.expired().stream()
                    .flatMap(set -> set.backups().stream())
                    .toList();
            long sound = backups.stream().filter(b -> isSoundFull(b, damaged)).count();
            assertThat(kept.stream().filter(b -> isSoundFull(b, damaged)).count())
                    .isGreaterThanOrEqualTo(Math.min(sound, least));
            assertThat(gone).noneMatch(b -> held.contains(b.label()));
            assertThat(kept)
                    .allMatch(b -> b.prior() == null
                            || kept.stream().anyMatch(f -> f.label().equals(b.fullLabel())));
            assertThat(kept.size() + gone.size()).isEqualTo(backups.size());
            if (sound == 0) {
                assertThat(gone).isEmpty();
            }
        }
    }

    private static boolean isSoundFull(StanzaBackup backup, Set<String> damaged) {
        return backup.type() == StanzaBackup.Type.FULL && !damaged.contains(backup.label());
    }

    private static RetentionPolicy days(int days) {
        return new RetentionPolicy(null, Duration.ofDays(days), null, 1, Duration.ZERO);
    }

    private static StanzaRetention.Decision decide(
            RetentionPolicy policy, List<StanzaBackup> backups, Set<String> damaged, Set<String> held) {
        return new StanzaRetention(policy).decide(1, backups, damaged, held, NOW);
    }

    private static List<String> labels(List<StanzaRetention.BackupSet> sets) {
        return sets.stream().map(StanzaRetention.BackupSet::label).toList();
    }

    private static StanzaBackup full(int age) {
        return backup("F" + age, StanzaBackup.Type.FULL, age, null);
    }

    private static StanzaBackup dependent(int fullAge, int age) {
        return backup("F" + fullAge + "_I" + age, StanzaBackup.Type.INCR, age, "F" + fullAge);
    }

    private static StanzaBackup backup(String label, StanzaBackup.Type type, int age, @Nullable String prior) {
        Instant at = NOW.minus(Duration.ofDays(age));
        return new StanzaBackup(
                label,
                type,
                1,
                1,
                null,
                null,
                null,
                null,
                at,
                at,
                1,
                1,
                1,
                1,
                false,
                prior,
                List.of(),
                "pgBackRest 2.45");
    }
}
