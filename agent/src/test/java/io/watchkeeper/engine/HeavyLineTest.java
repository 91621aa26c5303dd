package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.HeavyWork.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who may begin, from what the files say. */
class HeavyLineTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final long NOW = Duration.ofHours(10).toNanos();

    private static final HeavyLimits LIMITS = new HeavyLimits(
            2,
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofMinutes(1),
            8,
            null,
            Duration.ofSeconds(5),
            Duration.ofSeconds(30));

    private static HeavyClaim claim(String name, HeavyWork work, Duration waited) {
        return new HeavyClaim(new LockHolder(RunId.create(NOON), 1, name), work, NOW - waited.toNanos(), NOON);
    }

    private static HeavyClaim claim(String name, Kind kind, Duration waited) {
        return claim(name, HeavyWork.on(kind, "shore"), waited);
    }

    private static final HeavyClaim BACKUP = claim("nightly", Kind.BACKUP, Duration.ZERO);
    private static final HeavyClaim COPY = claim("fill", HeavyWork.between(Kind.COPY, "shore", "ship"), Duration.ZERO);

    private static Map<String, HeavyLine.Turn> turns(
            List<HeavyClaim> working, List<Strain> strains, HeavyClaim... waiting) {
        return new HeavyLine(working, LIMITS, strains, NOW).turns(Arrays.asList(waiting));
    }

    private static HeavyLine.Turn turn(Map<String, HeavyLine.Turn> turns, HeavyClaim claim) {
        return Objects.requireNonNull(turns.get(claim.run().runId()));
    }

    private static List<String> order(Map<String, HeavyLine.Turn> turns) {
        return turns.values().stream().map(turn -> turn.claim().run().runbook()).toList();
    }

    private static List<String> beginning(Map<String, HeavyLine.Turn> turns) {
        return turns.values().stream()
                .filter(HeavyLine.Turn::mayBegin)
                .map(turn -> turn.claim().run().runbook())
                .toList();
    }

    @Test
    void theMoreUrgentGoFirstAndOfEquallyUrgentOnesThoseThatCameFirst() {
        HeavyClaim[] waiting = {
            claim("drill", Kind.DRILL, Duration.ofSeconds(9)),
            claim("sync", Kind.SYNC, Duration.ofSeconds(1)),
            claim("late sync", Kind.SYNC, Duration.ZERO),
            claim("vacuum", HeavyWork.maintenance("shore"), Duration.ofSeconds(8)),
            claim("backup", Kind.BACKUP, Duration.ZERO),
            claim("restore", Kind.RESTORE, Duration.ZERO)
        };
        assertThat(order(turns(List.of(), List.of(), waiting)))
                .containsExactly("restore", "backup", "sync", "late sync", "vacuum", "drill");
    }

    @Test
    void onlyAsManyBeginAsThereArePlacesAndTheOthersAreToldWhomTheyWaitFor() {
        HeavyClaim sync = claim("sync", Kind.SYNC, Duration.ofSeconds(2));
        HeavyClaim drill = claim("drill", Kind.DRILL, Duration.ofSeconds(3));
        Map<String, HeavyLine.Turn> turns = turns(List.of(BACKUP), List.of(), drill, sync);
        assertThat(beginning(turns)).containsExactly("sync");
        HeavyLine.Turn last = turn(turns, drill);
        assertThat(last.place()).isEqualTo(2);
        assertThat(last.reason())
                .contains("waits for 'nightly' (run " + BACKUP.run().runId() + ", backup) or 'sync'");
    }

    @Test
    void aRestoreBeginsAlthoughAllPlacesAreTakenAndASecondOneDoesNot() {
        HeavyClaim restore = claim("restore", Kind.RESTORE, Duration.ZERO);
        assertThat(beginning(turns(List.of(BACKUP, COPY), List.of(), restore))).containsExactly("restore");
        assertThat(beginning(turns(
                        List.of(BACKUP, COPY, restore), List.of(), claim("another", Kind.RESTORE, Duration.ZERO))))
                .isEmpty();
    }

    @Test
    void whoHasWaitedLongOvertakesTheUrgent() {
        HeavyClaim drill = claim("drill", Kind.DRILL, Duration.ofMinutes(26));
        HeavyClaim backup = claim("backup", Kind.BACKUP, Duration.ZERO);
        assertThat(order(turns(List.of(), List.of(), backup, drill))).containsExactly("drill", "backup");
        HeavyClaim sooner = claim("drill", Kind.DRILL, Duration.ofMinutes(20));
        assertThat(order(turns(List.of(), List.of(), backup, sooner))).containsExactly("backup", "drill");
    }

    @Test
    void nobodyWaitsForEverHoweverManyUrgentOnesCome() {
        HeavyClaim drill = claim("drill", Kind.DRILL, Duration.ZERO);
        for (int minute = 0; minute < 60; minute++) {
            List<HeavyClaim> waiting = new ArrayList<>(List.of(drill));
            long now = NOW + Duration.ofMinutes(minute).toNanos();
            // Each time a backup has just come, and one place has become free.
            waiting.add(new HeavyClaim(
                    new LockHolder(RunId.create(NOON), 1, "backup"), HeavyWork.on(Kind.BACKUP, "shore"), now, NOON));
            Map<String, HeavyLine.Turn> turns = new HeavyLine(List.of(COPY), LIMITS, List.of(), now).turns(waiting);
            if (beginning(turns).contains("drill")) {
                assertThat(minute).isBetween(20, 30);
                return;
            }
        }
        throw new AssertionError("it waited for an hour");
    }

    @Test
    void maintenanceOfADatabaseWaitsForWhatFillsItAndLetsOthersPass() {
        HeavyClaim vacuum = claim("vacuum", HeavyWork.maintenance("ship"), Duration.ofMinutes(1));
        HeavyClaim elsewhere = claim("vacuum shore", HeavyWork.maintenance("shore"), Duration.ZERO);
        Map<String, HeavyLine.Turn> turns = turns(List.of(COPY), List.of(), vacuum, elsewhere);
        assertThat(beginning(turns)).containsExactly("vacuum shore");
        assertThat(turn(turns, vacuum).reason()).startsWith("waits for 'fill'").endsWith("which works in 'ship'");
    }

    @Test
    void aStreamOfCopiesDoesNotKeepMaintenanceAwayForEver() {
        HeavyClaim vacuum = claim("vacuum", HeavyWork.maintenance("ship"), Duration.ofMinutes(11));
        HeavyClaim next = claim("next fill", HeavyWork.between(Kind.COPY, "shore", "ship"), Duration.ZERO);
        // It has become as urgent as the copy behind it and came first, so the copy waits with it.
        assertThat(beginning(turns(List.of(COPY), List.of(), vacuum, next))).isEmpty();
    }

    @Test
    void twoCopiesIntoOneDatabaseAndASyncBesideMaintenanceGoOnTogether() {
        assertThat(beginning(turns(
                        List.of(COPY),
                        List.of(),
                        claim("b", HeavyWork.between(Kind.COPY, "shore", "ship"), Duration.ZERO))))
                .containsExactly("b");
        assertThat(beginning(turns(
                        List.of(claim("vacuum", HeavyWork.maintenance("ship"), Duration.ZERO)),
                        List.of(),
                        claim("sync", HeavyWork.between(Kind.SYNC, "shore", "ship"), Duration.ZERO))))
                .containsExactly("sync");
    }

    @Test
    void workThatYieldsWaitsForCalmButNotLongerThanItsPatience() {
        Strain lag = new Strain(Strain.Kind.LAG, "shore", "replica 'ship' of 'shore' is 2 min behind", NOON);
        HeavyClaim vacuum = claim("vacuum", HeavyWork.maintenance("shore"), Duration.ofMinutes(14));
        HeavyClaim impatient = claim("impatient", HeavyWork.maintenance("shore"), Duration.ofMinutes(16));
        HeavyClaim elsewhere = claim("elsewhere", HeavyWork.maintenance("island"), Duration.ZERO);
        HeavyClaim backup = claim("backup", Kind.BACKUP, Duration.ZERO);
        Map<String, HeavyLine.Turn> turns = turns(List.of(), List.of(lag), vacuum, elsewhere, backup);
        assertThat(beginning(turns)).containsExactlyInAnyOrder("elsewhere", "backup");
        assertThat(turn(turns, vacuum).reason()).isEqualTo("waits because replica 'ship' of 'shore' is 2 min behind");
        assertThat(beginning(turns(List.of(), List.of(lag), impatient))).containsExactly("impatient");
    }

    @Test
    void aClaimIsReadAsItWasWritten() {
        HeavyClaim odd = claim(
                "nächtlich, mit\tTab", new HeavyWork(Kind.COPY, List.of("a,b", "c d"), "c d"), Duration.ofSeconds(3));
        assertThat(HeavyClaim.parse(odd.text())).contains(odd);
        assertThat(HeavyClaim.parse("")).isEmpty();
        assertThat(HeavyClaim.parse(odd.text().replace("COPY", "LIFT"))).isEmpty();
        HeavyClaim none = claim("all backups", new HeavyWork(Kind.VERIFY, List.of(), null), Duration.ZERO);
        assertThat(HeavyClaim.parse(none.text())).contains(none);
        Strain lag = new Strain(Strain.Kind.LOAD, "a\tb", "9 sessions keep it busy", NOON);
        assertThat(Strain.parse(lag.line())).contains(lag);
    }

    @Test
    void placesInLineAreSaidAsPeopleSayThem() {
        assertThat(List.of(1, 2, 3, 4, 11, 12, 21, 112).stream().map(ArbiterState::inLine))
                .containsExactly(
                        "1st in line",
                        "2nd in line",
                        "3rd in line",
                        "4th in line",
                        "11th in line",
                        "12th in line",
                        "21st in line",
                        "112th in line");
    }
}
