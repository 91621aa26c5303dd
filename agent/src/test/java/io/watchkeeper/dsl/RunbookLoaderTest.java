package io.watchkeeper.dsl;

import static io.watchkeeper.dsl.Loading.problemsOf;
import static io.watchkeeper.dsl.Loading.runbook;
import static java.time.DayOfWeek.FRIDAY;
import static java.time.DayOfWeek.MONDAY;
import static java.time.DayOfWeek.SATURDAY;
import static java.time.DayOfWeek.SUNDAY;
import static java.time.DayOfWeek.THURSDAY;
import static java.time.DayOfWeek.TUESDAY;
import static java.time.DayOfWeek.WEDNESDAY;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Timing;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunbookLoaderTest {

    private static final String WHOLE = """
            runbook('ship-sync') {
                description 'Brings the fleet tables aboard every 15 minutes.'
                owner 'dba-oncall'
                role 'ship'
                schedule {
                    cron '0 0/15 * * * ?'
                    zone 'Asia/Seoul'
                    jitter 30.seconds
                    missed runOnce
                    maxAge 6.hours
                    avoid '08:00', '18:00', MON..FRI
                }
                policy {
                    timeout 30.minutes
                    retry 3, 30.seconds
                    overlap queue
                    lock 'table-io'
                    lock 'link'
                    scope host
                }
                guard {
                    maxReplicationLag 'shore', 64.megabytes
                    minFreeDisk '/var/lib/postgresql', 10.percent
                }
                param 'since', '1 day'
                param 'until', 'now'

                step('first') { log.info 'one' }
                step('second') { log.info 'two' }
                onFailure  { alert 'page', "ship-sync: ${error.message}" }
                onRecovery { alert 'info', 'ship-sync works again' }
            }
            """;

    @Test
    void readsEveryWordOfADeclaration() {
        Runbook runbook = runbook(WHOLE);

        assertThat(runbook.name()).isEqualTo("ship-sync");
        assertThat(runbook.description()).isEqualTo("Brings the fleet tables aboard every 15 minutes.");
        assertThat(runbook.owner()).isEqualTo("dba-oncall");
        assertThat(runbook.roles()).containsExactly("ship");
        assertThat(runbook.policy())
                .isEqualTo(new Policy(
                        Duration.ofMinutes(30),
                        3,
                        Duration.ofSeconds(30),
                        Policy.Overlap.QUEUE,
                        List.of("table-io", "link")));
        assertThat(runbook.guards())
                .containsExactly(
                        new Guard.MaxReplicationLag("shore", Bytes.megabytes(64)),
                        new Guard.MinFreeDisk("/var/lib/postgresql", Ratio.percent(10)));
        assertThat(runbook.parameters())
                .containsExactly(new Parameter("since", "1 day"), new Parameter("until", "now"));
        assertThat(runbook.steps()).extracting("name").containsExactly("first", "second");
        assertThat(runbook.onFailure()).isNotNull();
        assertThat(runbook.onRecovery()).isNotNull();
    }

    @Test
    void readsTheSchedule() {
        Schedule schedule = Objects.requireNonNull(runbook(WHOLE).schedule());

        assertThat(schedule)
                .isEqualTo(new Schedule(
                        new Timing.Cron("0 0/15 * * * ?"),
                        ZoneId.of("Asia/Seoul"),
                        Duration.ofSeconds(30),
                        Schedule.Missed.RUN_ONCE,
                        Duration.ofHours(6),
                        List.of(new Schedule.Blackout(
                                LocalTime.of(8, 0),
                                LocalTime.of(18, 0),
                                Set.of(MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)))));
    }

    @Test
    void knowsWhereRunbookAndStepsStand() {
        Runbook runbook = runbook(WHOLE);

        assertThat(runbook.location()).isEqualTo(new SourceLocation(Loading.FILE, 1));
        assertThat(runbook.steps().get(1).location()).isEqualTo(new SourceLocation(Loading.FILE, 29));
    }

    @Test
    void takesDefaultsForWhatIsNotSaid() {
        Runbook runbook = runbook("runbook('small') { step('x') { } }");

        assertThat(runbook.schedule()).isNull();
        assertThat(runbook.policy()).isEqualTo(Policy.DEFAULT);
        assertThat(runbook.roles()).isEmpty();
        assertThat(runbook.onFailure()).isNull();
    }

    @Test
    void takesMaximumAgeBehindMissed() {
        Schedule schedule = Objects.requireNonNull(
                runbook("runbook('a') { schedule { every 15.minutes; missed runAll, maxAge: 2.days }; step('x') { } }")
                        .schedule());

        assertThat(schedule.timing()).isEqualTo(new Timing.Every(Duration.ofMinutes(15)));
        assertThat(schedule.missed()).isEqualTo(Schedule.Missed.RUN_ALL);
        assertThat(schedule.maxAge()).isEqualTo(Duration.ofDays(2));
    }

    @Test
    void readsDaysAsRangeListAndNone() {
        Schedule schedule = Objects.requireNonNull(runbook("""
                runbook('a') {
                    schedule {
                        every 1.hour
                        avoid '22:00', '06:00'
                        avoid '08:00', '18:00', SAT, SUN
                        avoid '08:00', '18:00', [MON, WED]
                        avoid '08:00', '18:00', SAT..MON
                    }
                    step('x') { }
                }
                """).schedule());

        assertThat(schedule.blackouts())
                .extracting(Schedule.Blackout::days)
                .containsExactly(
                        Set.of(MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY),
                        Set.of(SATURDAY, SUNDAY),
                        Set.of(MONDAY, WEDNESDAY),
                        Set.of(SATURDAY, SUNDAY, MONDAY));
    }

    @Test
    void declaresSeveralRunbooksAlike() {
        LoadedFile loaded = Loading.loader().loadText(Loading.FILE, """
                ['shore', 'ship'].each { database ->
                    runbook("vacuum-$database") {
                        guard { maxReplicationLag database, 1.gigabyte }
                        step('vacuum') { vacuum database }
                    }
                }
                """);

        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.runbooks()).extracting(Runbook::name).containsExactly("vacuum-shore", "vacuum-ship");
    }

    @Test
    void givesEqualTextsEqualFingerprints() {
        String text = "runbook('a') { step('x') { } }";

        assertThat(runbook(text).fingerprint())
                .isEqualTo(runbook(text).fingerprint())
                .isNotEqualTo(runbook(text + "\n").fingerprint())
                .hasSize(64);
    }

    @Test
    void leavesOutRunbooksOfOtherRoles(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("a.groovy"), """
                runbook('ours') { role 'ship'; step('x') { } }
                runbook('everywhere') { step('x') { } }
                runbook('theirs') { role 'primary'; step('x') { } }
                """);

        LoadResult result = Loading.loader().load(List.of(folder));

        assertThat(result.problems()).isEmpty();
        assertThat(result.runbooks()).extracting(Runbook::name).containsExactly("everywhere", "ours");
    }

    @Test
    void allowsRunbooksOfOtherRolesTheirOwnDatabases() {
        assertThat(problemsOf("""
                runbook('theirs') {
                    role 'archive'
                    guard { maxReplicationLag 'vault', 1.gigabyte }
                    step('x') { query('vault', 'select 1') }
                }
                """)).isEmpty();
    }

    @Test
    void namesBothPlacesOfADuplicateName(@TempDir Path folder) throws IOException {
        Path first = Files.writeString(folder.resolve("a.groovy"), "runbook('twin') { step('x') { } }");
        Path second = Files.writeString(folder.resolve("b.groovy"), "\nrunbook('twin') { step('x') { } }");

        LoadResult result = Loading.loader().load(List.of(folder));

        assertThat(result.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.file()).isEqualTo(second.toString());
            assertThat(problem.line()).isEqualTo(2);
            assertThat(problem.message()).contains("'twin'").contains(first + ":1");
        });
        assertThat(result.runbooks())
                .singleElement()
                .satisfies(r -> assertThat(r.location().file()).isEqualTo(first.toString()));
    }

    @Test
    void allowsOneNameForTwoRoles(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("a.groovy"), """
                runbook('backup') { role 'primary'; step('x') { } }
                runbook('backup') { role 'ship'; step('y') { } }
                """);

        LoadResult result = Loading.loader().load(List.of(folder));

        assertThat(result.problems()).isEmpty();
        assertThat(result.runbooks())
                .singleElement()
                .satisfies(r -> assertThat(r.steps().get(0).name()).isEqualTo("y"));
    }

    @Test
    void findsProblemsOfAllFilesAtOnceInOrder(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("b.groovy"), "runbook('b') { stp('x') { } }");
        Files.writeString(folder.resolve("a.groovy"), "runbook('a') {\n  ownr 'x'\n  step('x') { foo() }\n}");
        Files.writeString(folder.resolve("good.groovy"), "runbook('good') { step('x') { } }");

        LoadResult result = Loading.loader().load(List.of(folder));

        assertThat(result.problems())
                .extracting(p -> Path.of(p.file()).getFileName() + ":" + p.line() + ":" + p.column())
                .containsExactly("a.groovy:2:3", "a.groovy:3:15", "b.groovy:1:16");
        assertThat(result.runbooks()).extracting(Runbook::name).containsExactly("good");
        assertThat(result.files()).isEqualTo(3);
        assertThat(result.filesWithProblems()).isEqualTo(2);
    }

    @Test
    void showsTheFileThatItsStackFramesName() {
        Runbook runbook = runbook("runbook('a') {\n step('x') {\n  throw new IllegalStateException('no')\n }\n}");

        Throwable thrown = org.assertj.core.api.Assertions.catchThrowable(
                () -> runbook.steps().get(0).body().run(new RecordingContext(false)));

        assertThat(thrown).isInstanceOf(IllegalStateException.class);
        assertThat(Stream.of(thrown.getStackTrace()).filter(f -> "test.groovy".equals(f.getFileName())))
                .first()
                .satisfies(f -> {
                    assertThat(f.getLineNumber()).isEqualTo(3);
                    assertThat(f.getClassName()).startsWith("Runbook_test");
                });
    }
}
