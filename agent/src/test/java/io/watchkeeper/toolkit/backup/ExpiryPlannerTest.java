package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.ExpirySituation.Family;
import io.watchkeeper.toolkit.backup.ExpirySituation.Kept;
import io.watchkeeper.toolkit.backup.ExpirySituation.Segment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExpiryPlannerTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private final List<Kept> backups = new ArrayList<>();
    private final List<Segment> wal = new ArrayList<>();

    @Test
    void removesWhatIsOlderThanItsKeep() {
        base("b1", 20, "0000000000000001");
        base("b2", 9, "0000000000000002");
        base("b3", 3, "0000000000000003");
        base("b4", 1, "0000000000000004");
        assertThat(plan().doomedBackups()).containsExactly("b1", "b2");
        assertThat(reasons()).containsEntry("b2", "older than 7 d").containsEntry("b3", "younger than 7 d");
    }

    @Test
    void keepsTheNewestGoodOnesHoweverOldTheyAre() {
        base("b1", 400, "0000000000000001");
        base("b2", 300, "0000000000000002");
        base("b3", 200, "0000000000000003");
        damaged("b4", 100, "0000000000000004");
        assertThat(plan().doomedBackups()).containsExactly("b1", "b4");
        assertThat(reasons())
                .containsEntry("b3", "one of the 2 good ones that always stay")
                .containsEntry("b4", "older than 7 d, and damaged");
    }

    @Test
    void countsIncrementalsOfOneFullBackupOnce() {
        base("full-1", 30, "0000000000000001");
        base("full-2", 20, "0000000000000002");
        incremental("inc-a", "full-2", 19, "0000000000000003");
        incremental("inc-b", "inc-a", 18, "0000000000000004");
        ExpiryPlan plan = plan();
        assertThat(plan.doomedBackups()).isEmpty();
        assertThat(reasons())
                .containsEntry("full-1", "one of the 2 good ones that always stay")
                .containsEntry("full-2", "inc-b builds on it");
    }

    @Test
    void removesDependentsBeforeWhatTheyBuildOn() {
        base("full-1", 30, "0000000000000001");
        incremental("inc-a", "full-1", 29, "0000000000000002");
        incremental("inc-b", "inc-a", 28, "0000000000000003");
        base("full-2", 2, "0000000000000004");
        base("full-3", 1, "0000000000000005");
        assertThat(plan().doomedBackups()).containsExactly("inc-b", "inc-a", "full-1");
    }

    @Test
    void keepsDamagedBackupsWhereNoGoodOneIsLeft() {
        damaged("b1", 100, "0000000000000001");
        damaged("b2", 90, "0000000000000002");
        assertThat(plan().doomedBackups()).isEmpty();
    }

    @Test
    void doesNotCountAnIncrementalWhoseFullBackupIsDamaged() {
        base("full-1", 40, "0000000000000001");
        base("full-2", 30, "0000000000000002");
        damaged("full-3", 20, "0000000000000003");
        incremental("inc", "full-3", 19, "0000000000000004");
        assertThat(plan().doomedBackups()).containsExactly("inc", "full-3");
    }

    @Test
    void keepsWhatIsHeldAndWhatIsRead() {
        backups.add(
                new Kept("b1", Family.BASE, null, ago(90), "0000000000000001", 1, false, "ann: audit", null, false));
        backups.add(new Kept("b2", Family.BASE, null, ago(80), "0000000000000002", 1, false, null, "a drill", false));
        backups.add(new Kept("b3", Family.BASE, null, ago(70), "0000000000000003", 1, false, null, null, true));
        base("b4", 60, "0000000000000004");
        base("b5", 2, "0000000000000005");
        base("b6", 1, "0000000000000006");
        assertThat(plan().doomedBackups()).containsExactly("b4");
        assertThat(reasons()).containsEntry("b1", "held by ann: audit").containsEntry("b2", "in use by a drill");
    }

    @Test
    void removesWalOnlyWhenBothRulesLetItGo() {
        base("b1", 30, "0000000000000003");
        base("b2", 2, "0000000000000006");
        base("b3", 1, "0000000000000007");
        segment("000000010000000000000001", 40);
        segment("000000010000000000000004", 31);
        segment("000000010000000000000005", 10);
        segment("000000010000000000000006", 20);
        segment("000000020000000000000007", 1);
        ExpiryPlan plan = plan();
        assertThat(plan.doomedBackups()).containsExactly("b1");
        assertThat(plan.doomedSegments()).containsExactly("000000010000000000000001", "000000010000000000000004");
        assertThat(plan.wal())
                .extracting(ExpiryPlan.WalVerdict::range, ExpiryPlan.WalVerdict::goes, ExpiryPlan.WalVerdict::reason)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "000000010000000000000001 … 000000010000000000000004",
                                true,
                                "older than 14 d, and no remaining base backup needs it"),
                        org.assertj.core.groups.Tuple.tuple("000000010000000000000005", false, "younger than 14 d"),
                        org.assertj.core.groups.Tuple.tuple(
                                "000000010000000000000006", false, "base backup b2 needs it"),
                        org.assertj.core.groups.Tuple.tuple(
                                "000000020000000000000007", false, "base backup b2 needs it"));
    }

    @Test
    void keepsTheWalOfABackupThatIsHeld() {
        backups.add(
                new Kept("b1", Family.BASE, null, ago(90), "0000000000000002", 1, false, "ann: audit", null, false));
        base("b2", 2, "0000000000000008");
        base("b3", 1, "0000000000000009");
        segment("000000010000000000000001", 90);
        segment("000000010000000000000002", 90);
        segment("000000010000000000000007", 60);
        assertThat(plan().doomedSegments()).containsExactly("000000010000000000000001");
    }

    @Test
    void keepsTheNewestByCountAlone() {
        for (int i = 1; i <= 5; i++) {
            base("b" + i, 10 - i, "000000000000000" + i);
        }
        RetentionPolicy three = new RetentionPolicy(null, null, 3, 2, Duration.ofDays(14));
        assertThat(ExpiryPlanner.plan(situation(), three).doomedBackups()).containsExactly("b1", "b2");
    }

    @Test
    void refusesAPolicyThatWouldGiveUpTheLastBackup() {
        assertThatThrownBy(() -> new RetentionPolicy(Duration.ZERO, Duration.ZERO, null, 0, Duration.ZERO))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("give up the last good backup");
    }

    private void base(String id, int daysAgo, String start) {
        add(id, null, daysAgo, start, false);
    }

    private void damaged(String id, int daysAgo, String start) {
        add(id, null, daysAgo, start, true);
    }

    private void incremental(String id, String parent, int daysAgo, String start) {
        add(id, parent, daysAgo, start, false);
    }

    private void add(String id, @Nullable String parent, int daysAgo, String start, boolean damaged) {
        backups.add(new Kept(id, Family.BASE, parent, ago(daysAgo), start, 1, damaged, null, null, false));
    }

    private void segment(String name, int daysAgo) {
        wal.add(new Segment(name, ago(daysAgo), 16));
    }

    private static Instant ago(int days) {
        return NOW.minus(Duration.ofDays(days));
    }

    private ExpirySituation situation() {
        return new ExpirySituation(backups, wal, NOW);
    }

    private ExpiryPlan plan() {
        return ExpiryPlanner.plan(situation(), RetentionPolicy.DEFAULT);
    }

    private Map<String, String> reasons() {
        return plan().backups().stream()
                .collect(Collectors.toMap(ExpiryPlan.BackupVerdict::id, ExpiryPlan.BackupVerdict::reason));
    }
}
