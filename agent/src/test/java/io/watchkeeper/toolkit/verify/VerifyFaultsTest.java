package io.watchkeeper.toolkit.verify;

import static io.watchkeeper.toolkit.verify.VerifyFleet.keys;
import static io.watchkeeper.toolkit.verify.VerifyFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dies, stands still or only reads must not make a verification lie, hang, or begin all over. */
class VerifyFaultsTest {

    private static final VerifyPlan IN_RANGES = plan("t").with(o -> o.withChunkTime(Duration.ofMillis(1)));

    @TempDir
    private Path folder;

    private static void fill(VerifyFleet fleet) {
        fleet.both("create table t (id int primary key, v text)");
        fleet.both("insert into t select i, 'value ' || i from generate_series(1, 30000) i; analyze t");
        fleet.on("ship", "delete from t where id in (10, 29990)");
    }

    /** Does something once, when a third of the rows are compared. */
    private static Consumer<Progress> onceHalfway(Runnable action) {
        AtomicInteger calls = new AtomicInteger();
        return p -> {
            if (p.stage().equals("verify") && p.rows() > 10_000 && calls.getAndIncrement() == 0) {
                action.run();
            }
        };
    }

    private static VerifyResult verify(VerifyFleet fleet, StoppableWork work, Path reports) throws Exception {
        return new TableVerifier(fleet.shore(), fleet.ship(), work, reports).verify(IN_RANGES);
    }

    @Test
    void goesOnWhereALostConnectionEndedIt() throws Exception {
        try (VerifyFleet fleet = new VerifyFleet()) {
            fill(fleet);
            StoppableWork dying = new StoppableWork("dying verify");
            dying.onProgress(onceHalfway(() -> fleet.on(
                    "ship",
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dying verify'"
                            + " and datname = current_database()")));

            assertThatThrownBy(() -> verify(fleet, dying, folder.resolve("run1")))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("could not be compared")
                    .extracting(e -> ((OperatorException) e).hint())
                    .asString()
                    .contains("goes on where it was");
            // What the second one would find again is not there any more: it knows of it from the first one's file.
            StoppableWork second = new StoppableWork("second verify");
            VerifyResult result = verify(fleet, second, folder.resolve("run2"));

            assertThat(result.resumed()).isTrue();
            assertThat(second.progress.stream()
                            .filter(p -> p.stage().equals("verify") && p.rows() > 0)
                            .findFirst()
                            .orElseThrow()
                            .rows())
                    .as("rows of the first report of the second verification")
                    .isGreaterThan(10_000);
            assertThat(result.rowsHere()).isEqualTo(30_000);
            assertThat(result.rowsThere()).isEqualTo(29_998);
            assertThat(keys(result)).containsExactly("missing 10", "missing 29990");
            assertThat(verify(fleet, new StoppableWork("third"), folder.resolve("run3"))
                            .resumed())
                    .as("a third one has nothing to go on with")
                    .isFalse();
        }
    }

    @Test
    void beginsAnewWhenTheFileOfTheFirstPartIsGone() throws Exception {
        try (VerifyFleet fleet = new VerifyFleet()) {
            fill(fleet);
            stopHalfway(fleet, folder.resolve("run1"));
            try (var files = Files.walk(folder.resolve("run1"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.delete(file);
                }
            }

            VerifyResult result = verify(fleet, new StoppableWork("second"), folder.resolve("run2"));

            assertThat(result.resumed()).isFalse();
            assertThat(keys(result)).containsExactly("missing 10", "missing 29990");
        }
    }

    @Test
    @Tag("campaign")
    void anotherPlanAndAnOldRecordAreNotGoneOnWith() throws Exception {
        try (VerifyFleet fleet = new VerifyFleet()) {
            fill(fleet);
            stopHalfway(fleet, folder.resolve("run1"));

            VerifyResult other = new TableVerifier(
                            fleet.shore(), fleet.ship(), VerifyFleet.WORK, folder.resolve("run2"))
                    .verify(IN_RANGES.with(o -> o.withBy(VerifyBy.KEYS)));
            assertThat(other.resumed()).isFalse();
            assertThat(fleet.value("ship", "select count(*) from watchkeeper.verifications"))
                    .isEqualTo("1");
            fleet.on("ship", "update watchkeeper.verifications set updated_at = now() - interval '25 hours'");

            assertThat(verify(fleet, new StoppableWork("late"), folder.resolve("run3"))
                            .resumed())
                    .isFalse();
            assertThat(fleet.value("ship", "select count(*) from watchkeeper.verifications"))
                    .isEqualTo("0");
        }
    }

    private static void stopHalfway(VerifyFleet fleet, Path reports) {
        StoppableWork stopped = new StoppableWork("stopped verify");
        stopped.onProgress(onceHalfway(stopped::stop));
        assertThatThrownBy(() -> verify(fleet, stopped, reports)).isInstanceOf(WorkCancelledException.class);
    }

    @Test
    void aPhysicalStandbyIsComparedAndLeftAsItIs() throws Exception {
        LocalServer primary = TestServers.own(Map.of("wal_level", "replica"));
        LocalServer standby = null;
        try {
            String database = TestServers.freshDatabase(primary);
            TestServers.execute(
                    primary,
                    database,
                    "create table t (id int primary key, v text);"
                            + " insert into t select i, 'value ' || i from generate_series(1, 30000) i; analyze t");
            standby = StandbyServers.of(primary);
            LocalServer replica = standby;
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> replays(replica, database));
            try (VerifyFleet fleet = new VerifyFleet(
                    TestServers.settings("shore", primary, database),
                    TestServers.settings("ship", standby, database))) {
                stopHalfway(fleet, folder.resolve("run1"));
                assertThat(folder.resolve("unfinished")).isDirectoryContaining("glob:**.json");

                VerifyResult result = verify(fleet, new StoppableWork("second"), folder.resolve("run2"));

                assertThat(result.isMatch()).isTrue();
                assertThat(result.resumed())
                        .as("from a file, as the standby takes no writes")
                        .isTrue();
                assertThat(result.rowsThere()).isEqualTo(30_000);
                assertThat(folder.resolve("unfinished")).isEmptyDirectory();

                lagsBehind(fleet);
                assertThatThrownBy(() -> fleet.verify(plan("t").with(o -> o.withRepair(Repair.APPLY))))
                        .hasMessageContaining("is a standby");
            }
        } finally {
            if (standby != null) {
                standby.delete();
            }
            primary.delete();
        }
    }

    private static boolean replays(LocalServer standby, String database) {
        try {
            TestServers.execute(standby, database, "select count(*) from t");
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** Rows that a standby has not replayed yet are on their way; the recheck waits for it. */
    private static void lagsBehind(VerifyFleet fleet) throws Exception {
        fleet.on("ship", "select pg_wal_replay_pause()");
        fleet.on("shore", "update t set v = 'new' where id <= 5; delete from t where id = 6");
        StoppableWork work = new StoppableWork("behind");
        work.onProgress(p -> {
            if (p.stage().equals("recheck")) {
                fleet.on("ship", "select pg_wal_replay_resume()");
            }
        });

        VerifyResult result = new TableVerifier(fleet.shore(), fleet.ship(), work, null)
                .verify(plan("t").with(o -> o.withPatience(Duration.ofSeconds(30))));

        assertThat(result.isMatch()).isTrue();
        assertThat(result.inFlight()).isEqualTo(6);
    }

    @Test
    void aLockedTableIsAFailureThatNamesTheHolder() throws Exception {
        try (VerifyFleet fleet = new VerifyFleet();
                var holder = TestServers.connect(fleet.login("ship"))) {
            fill(fleet);
            holder.setAutoCommit(false);
            try (var statement = holder.createStatement()) {
                statement.execute("lock table t in access exclusive mode");
            }

            assertThatThrownBy(() -> fleet.verify(plan("t")))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("public.t in database 'ship' is locked");
        }
    }

    @Test
    void aServerThatCannotBeReachedIsAFailure() {
        try (VerifyFleet fleet = new VerifyFleet()) {
            var nowhere = new io.watchkeeper.postgres.DatabaseSettings(
                    "ship", "jdbc:postgresql://127.0.0.1:1/none", "postgres", null, 8, null, true);
            try (VerifyFleet broken = new VerifyFleet(fleet.login("shore"), nowhere)) {
                assertThatThrownBy(() -> broken.verify("t")).isInstanceOf(OperatorException.class);
            }
        }
    }
}
