package io.watchkeeper.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.testing.ServerFingerprint;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The runbooks of the package, each on real servers. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RunbooksTest {

    private static RunbookRig rig;

    /** What the servers are like after the last dry run, while nothing else has been done to them. */
    private static @Nullable List<ServerFingerprint> untouched;

    @BeforeAll
    static void startFleet() {
        rig = new RunbookRig();
    }

    @AfterAll
    static void endFleet() {
        rig.close();
    }

    static Stream<Path> files() throws IOException {
        // What a drill stands on comes first.
        List<String> first = List.of("base-backup-hourly.groovy", "wal-archive.groovy");
        return RunbookRig.filesOf(RunbookRig.SHIPPED)
                .sorted(Comparator.comparing(
                        file -> !first.contains(file.getFileName().toString())));
    }

    /** First, while the ship is still empty: the largest difference that a run could make. */
    @Order(1)
    @ParameterizedTest
    @MethodSource("files")
    void dryRunTellsAndChangesNothing(Path file) {
        List<ServerFingerprint> before = untouched == null ? rig.fingerprints() : untouched;
        for (Runbook runbook : rig.load(file)) {
            if (!isPersonsDecision(runbook)) {
                dryRunTellsSomething(runbook);
            }
        }
        List<ServerFingerprint> after = rig.fingerprints();
        untouched = after;
        assertThat(RunbookRig.changes(before, after)).isEmpty();
    }

    private static void dryRunTellsSomething(Runbook runbook) {
        RunOutcome outcome = rig.dryRun(runbook, Map.of());
        assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
        assertThat(outcome.steps())
                .allSatisfy(step -> assertThat(step.results()).as(step.name()).isNotEmpty());
    }

    @Order(2)
    @ParameterizedTest
    @MethodSource("files")
    void runsAsShipped(Path file) {
        for (Runbook runbook : rig.load(file)) {
            assertThat(runbook.description()).isNotEmpty();
            assertThat(runbook.owner()).isNotEmpty();
            assertThat(runbook.onFailure()).isNotNull();
            if (isPersonsDecision(runbook)) {
                assertThat(runbook.schedule()).isNull();
                continue;
            }
            assertThat(runbook.schedule()).isNotNull();
            RunOutcome outcome = rig.run(runbook, given(runbook));
            assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
        }
    }

    /** The demo's servers are not made to last, and do without what keeps data through a loss of power. */
    private static Map<String, String> given(Runbook runbook) {
        return switch (runbook.name()) {
            case "settings-review" -> Map.of("accept", "fsync,fullPageWrites");
            case "checklist-weekly" -> Map.of("acceptSettings", "fsync,fullPageWrites");
            default -> Map.of();
        };
    }

    /** Needs more rights than the agent has in daily work, and is tested by itself. */
    private static boolean isPersonsDecision(Runbook runbook) {
        return runbook.name().endsWith("-provision");
    }

    /** Last: what is streamed is not polled or copied any more. */
    @Order(Integer.MAX_VALUE)
    @Test
    void subscriptionProvisionStreamsAndIsDoneTheSecondTime() throws Exception {
        rig.asSuperuser("ship", "alter role watchkeeper superuser");
        List<ServerFingerprint> before = rig.fingerprints();
        dryRunTellsSomething(only("subscription-provision"));
        assertThat(RunbookRig.changes(before, rig.fingerprints())).isEmpty();
        assertThat(rig.run(only("subscription-provision"), Map.of())).satisfies(RunbooksTest::streams);
        assertThat(rig.run(only("subscription-provision"), Map.of())).satisfies(RunbooksTest::streams);
    }

    private static void streams(RunOutcome outcome) {
        assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
        assertThat(outcome.steps().get(1).results().get(0).fields()).containsEntry("state", "streaming");
    }

    @Order(3)
    @Test
    void summaryOfFleetCopyReadsBothServersAndFindsThemAlike() throws Exception {
        RunOutcome outcome = rig.run(only("fleet-copy"), Map.of());
        DemoSummary summary = summary(outcome);
        assertThat(summary.allSame()).isTrue();
        assertThat(summary.rows()).isEqualTo(DemoData.Size.THOUSAND.rows());
        assertThat(summary.tables())
                .hasSize(6)
                .allSatisfy(
                        table -> assertThat(table.copyTime()).as(table.name()).isPresent());

        onShip("update tenants set name = name || '!' where id = 't0001'");
        assertThat(summary(outcome).tables())
                .filteredOn(table -> !table.same())
                .extracting(DemoSummary.Table::name)
                .containsExactly("tenants");
    }

    @Test
    void dailyChecklistFindsWhatIsPlantedAndMendsWhatItMay() throws Exception {
        try (DemoTrouble trouble = rig.fleet.plantTrouble()) {
            assertThat(trouble.deadRows()).isPositive();
            RunOutcome outcome = rig.run(only("checklist-daily"), Map.of("failAtIdleSeconds", "1"));
            assertThat(outcome.state()).isEqualTo(RunState.FAILED);
            assertThat(outcome.steps()).noneMatch(step -> step.attempts() == 0);
            assertThat(rig.report(outcome))
                    .contains("2 things need you now")
                    .contains("pg_terminate_backend(", DemoTrouble.SESSION)
                    .contains("yard.work_orders_id_seq", "created yard.positions_")
                    .contains("DROP INDEX CONCURRENTLY", "yard.deliveries")
                    .contains("## What the agent did by itself", "yard.deliveries");
            assertThat(trouble.deadRows()).isZero();
        } finally {
            rig.asSuperuser("shore", "drop schema yard cascade");
        }
        assertThat(rig.run(only("checklist-daily"), Map.of()).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void connectionsPastTheLimitRaiseAnAlertAndAreOverWhenBelowIt() {
        Runbook watch = only("activity-watch");
        RunOutcome full = rig.run(watch, Map.of("failAtConnectionsPercent", "0"));
        assertThat(full.state()).isEqualTo(RunState.FAILED);
        assertThat(rig.alerts).extracting(alert -> alert.severity()).contains("page");
        rig.alerts.clear();
        rig.run(watch, Map.of());
        assertThat(rig.alerts).extracting(alert -> alert.severity()).containsExactly("info");
    }

    @Test
    void waitForALockIsFoundWithTheOneWhoHoldsIt() throws Exception {
        try (Connection holder = connect();
                Session waiter = rig.pools.database("shore").open(Work.unattended("waiter"))) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("lock table pipelines");
            waiter.lockTimeout(Duration.ZERO);
            Thread waits = new Thread(() -> {
                try {
                    waiter.query("select count(*) from pipelines");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            waits.start();
            Awaitility.await()
                    .until(() -> !rig.pools
                            .database("shore")
                            .open(Work.unattended("look"))
                            .query("select 1 from pg_locks where not granted")
                            .isEmpty());
            RunOutcome outcome = rig.run(only("activity-watch"), Map.of("failAtLockWaitSeconds", "0"));
            holder.rollback();
            waits.join();
            assertThat(outcome.state()).isEqualTo(RunState.FAILED);
            assertThat(outcome.steps().get(1).results().toString()).contains("blockedBy=[");
        }
    }

    @Test
    void missingStandbyFailsReplicationLag() {
        RunOutcome outcome = rig.run(only("replication-lag"), Map.of("standbys", "1"));
        assertThat(outcome.state()).isEqualTo(RunState.FAILED);
        assertThat(Objects.requireNonNull(outcome.error()).message())
                .contains("0 of at least 1 standbys get the log of 'shore'");
    }

    @Test
    void leakedSlotIsDroppedAndSaid() {
        rig.asSuperuser("shore", "select pg_create_physical_replication_slot('leaked', true)");
        rig.alerts.clear();
        RunOutcome outcome = rig.run(only("slot-leak"), Map.of("inactiveMinutes", "0", "retainingGigabytes", "0"));
        assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
        assertThat(rig.alerts)
                .extracting(alert -> alert.text())
                .singleElement()
                .asString()
                .contains("slot leaked of 'shore' was dropped");
        rig.alerts.clear();
    }

    private static Runbook only(String name) {
        return rig.load(RunbookRig.SHIPPED.resolve(name + ".groovy")).get(0);
    }

    private static DemoSummary summary(RunOutcome outcome) throws Exception {
        return DemoSummary.of(outcome, rig.pools.database("shore"), rig.pools.database("ship"));
    }

    private static void onShip(String sql) throws Exception {
        try (Session session = rig.pools.database("ship").open(Work.unattended("test"))) {
            session.connection().createStatement().execute(sql);
        }
    }

    private static Connection connect() throws Exception {
        var shore = rig.fleet.databases().get(0);
        return DriverManager.getConnection(
                shore.url(),
                shore.user(),
                Objects.requireNonNull(shore.password()).reveal());
    }
}
