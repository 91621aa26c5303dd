package io.watchkeeper.toolkit.failover;

import static io.watchkeeper.toolkit.failover.SwitchoverPair.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The primary's role goes to and fro between two real servers, also through kill -9 at every step. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SwitchoverTest {

    @TempDir
    static Path state;

    private SwitchoverPair pair;

    @BeforeAll
    void start() {
        pair = new SwitchoverPair(state);
    }

    @AfterAll
    void stop() {
        pair.close();
    }

    @Test
    void theRoleGoesOverAndTheOldPrimaryFollows() throws Exception {
        String from = pair.primary();
        String to = pair.standby();
        assertThat(pair.switchover().describe(plan(from, to, false)))
                .extracting(PlannedAction::sql)
                .contains("CHECKPOINT", "touch standby.signal", "SELECT pg_promote()", "pg_ctl start");

        SwitchoverResult result;
        try (DatabasePools following = pair.following()) {
            execute(following, "insert into promises values (-1, 'before')");
            result = pair.switchover().run(plan(from, to, true));
            // The same configured database, whichever of its hosts is the primary.
            execute(following, "delete from promises where id = -1");
        }

        assertThat(result.state()).isEqualTo("done");
        assertThat(result.steps())
                .containsExactly("preparing", "stopping", "fencing", "promoting", "repointing", "rejoining", "tidying");
        assertThat(result.downtime()).isPositive();
        pair.assertWhole(to);
        assertThat(pair.ask(to, "select slot_name || ' ' || active from pg_replication_slots"))
                .isEqualTo("watchkeeper_" + from + " true");
    }

    @Test
    void nothingHappensWithoutAPersonsWord() {
        String from = pair.primary();
        String to = pair.standby();

        assertThatThrownBy(() -> pair.switchover().run(plan(from, to, false)))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e.getMessage()).contains("nobody has confirmed it");
                    assertThat(e.hint()).contains("confirm '" + from + "→" + to + "'");
                });
        pair.assertWhole(from);
    }

    @Test
    void everythingThatIsInTheWayIsSaidAtOnce() {
        String from = pair.primary();
        String to = pair.standby();
        pair.sql(to, "select pg_wal_replay_pause()");
        pair.sql(from, "select pg_create_logical_replication_slot('fleet_ship', 'pgoutput')");
        try {
            assertThatThrownBy(() -> pair.switchover().run(plan(from, to, true)))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("replay is paused on '" + to + "'")
                    .hasMessageContaining("logical slots would be lost: fleet_ship");
            assertThatThrownBy(() -> pair.switchover().run(plan(to, from, true)))
                    .hasMessageContaining("'" + to + "' is no primary but a standby")
                    .hasMessageContaining("'" + from + "' is no standby");
        } finally {
            pair.sql(to, "select pg_wal_replay_resume()");
            pair.sql(from, "select pg_drop_replication_slot('fleet_ship')");
        }
        pair.assertWhole(from);
    }

    @Test
    void aStandbyThatDoesNotGetEverythingGivesTheRoleBack() throws Exception {
        String from = pair.primary();
        String to = pair.standby();
        String receiver = pair.ask(to, "select pid from pg_stat_wal_receiver");
        try {
            Switchover switchover = pair.switchover().watchedBy(point -> {
                if (point.equals("stopping begun")) {
                    signal("STOP", receiver);
                }
            });
            assertThatThrownBy(() -> switchover.run(plan(from, to, true, false, Duration.ofSeconds(2))))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("'" + from + "' is the primary again");
        } finally {
            signal("CONT", receiver);
        }
        pair.assertWhole(from);
        assertThat(pair.server(from).data().resolve("standby.signal")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stopping done", "fencing done"})
    void killedBeforeThePromotionTheOldPrimaryGetsItsRoleBack(String point) {
        String from = pair.primary();
        SwitchoverProcess.killedAt(point, pair, from, pair.standby());
        assertThat(pair.primaries()).isEmpty();

        Switchover.sweep(state, pair.pools::database);

        pair.assertWhole(from);
    }

    @ParameterizedTest
    @ValueSource(strings = {"promoting begun", "rejoining begun"})
    void killedFromThePromotionOnTheRestIsDone(String point) {
        String from = pair.primary();
        String to = pair.standby();
        SwitchoverProcess.killedAt(point, pair, from, to);
        assertThat(pair.primaries()).doesNotContain(from);
        assertThatThrownBy(() -> pair.switchover().back(from)).hasMessageContaining("too late to take back");

        Switchover.sweep(state, pair.pools::database);

        pair.assertWhole(to);
    }

    @Test
    void whatTheOldPrimaryWroteAloneGoesOnlyByAPersonsWord() throws Exception {
        String from = pair.primary();
        String to = pair.standby();
        SwitchoverProcess.killedAt("repointing begun", pair, from, to);
        // A person tears the fence down: now there are two, and nobody can keep them from it.
        Files.delete(pair.server(from).data().resolve("standby.signal"));
        pair.server(from).start();
        pair.sql(from, "insert into promises values (-1, 'alone')");

        Switchover.sweep(state, pair.pools::database);
        assertThat(pair.ask(from, "select pg_is_in_recovery()")).isEqualTo("f");

        assertThatThrownBy(() -> pair.switchover().run(plan(from, to, true)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has written about")
                .hasMessageContaining("by itself");
        assertThat(pair.primaries()).containsExactly(to);

        SwitchoverResult result = pair.switchover().run(plan(from, to, true, true, Duration.ofSeconds(60)));
        assertThat(result.notes().toString()).contains("pg_rewind threw away");
        pair.assertWhole(to);
        assertThat(pair.ask(to, "select count(*) from promises where id < 0")).isEqualTo("0");
    }

    @Test
    void aRewindThatWasKilledIsGoneOnWith() throws Exception {
        String from = pair.primary();
        String to = pair.standby();
        Path data = pair.server(from).data();
        SwitchoverProcess.killedAt("repointing begun", pair, from, to);
        Files.delete(data.resolve("standby.signal"));
        pair.server(from).start();
        pair.sql(from, "insert into promises values (-1, 'alone')");
        pair.server(from).stop();
        SwitchoverRecord.find(state, from)
                .orElseThrow()
                .mayRewind()
                .at(SwitchoverStep.REJOINING)
                .write(state);
        Switchover.sweep(state, pair.pools::database);
        assertThat(data.resolve("standby.signal")).as("not touched").doesNotExist();

        // So pg_rewind leaves it, which has taken the fence away and not put it up again.
        KeptFiles.of(data).save();
        Switchover.sweep(state, pair.pools::database);

        pair.assertWhole(to);
        assertThat(pair.ask(to, "select count(*) from promises where id < 0")).isEqualTo("0");
    }

    @Test
    void whatAPersonTookInHandIsNotPromotedOver() throws Exception {
        String from = pair.primary();
        String to = pair.standby();
        SwitchoverProcess.killedAt("promoting begun", pair, from, to);
        pair.server(to).stop();
        // A person decides otherwise, clients write, and the host loses power.
        Files.delete(pair.server(from).data().resolve("standby.signal"));
        pair.server(from).start();
        assertThat(pair.primaries()).containsExactly(from);
        pair.server(from).crash();
        pair.server(to).start();

        Switchover.sweep(state, pair.pools::database);
        assertThat(pair.primaries()).isEmpty();
        assertThatThrownBy(() -> pair.switchover().run(plan(from, to, true)))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e.getMessage()).contains("'" + from + "' was not shut down cleanly");
                    assertThat(e.hint()).contains("start it").doesNotContain("Do not start");
                });
        assertThat(pair.server(from).data().resolve("standby.signal")).doesNotExist();

        pair.server(from).start();
        assertThat(pair.switchover().run(plan(from, to, true)).state()).isEqualTo("done");
        pair.assertWhole(to);
    }

    @Test
    void theRoleIsNotGivenBackWhileNobodyKnowsWhetherTheOtherHasIt() throws Exception {
        String from = pair.primary();
        String to = pair.standby();
        SwitchoverProcess.killedAt("fencing done", pair, from, to);
        pair.sql(to, "select pg_promote()");
        assertThat(pair.primaries()).containsExactly(to);
        pair.server(to).stop();

        Switchover.sweep(state, pair.pools::database);
        assertThatThrownBy(() -> pair.switchover().back(from))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("nobody knows whether '" + to + "' was promoted");
        assertThat(pair.primaries()).isEmpty();
        assertThat(pair.server(from).data().resolve("standby.signal")).exists();

        pair.server(to).start();
        assertThat(pair.switchover().run(plan(from, to, true)).state()).isEqualTo("done");
        pair.assertWhole(to);
    }

    @Test
    void aServerThatSomebodyStartsInBetweenIsStoppedAgain() throws Exception {
        String from = pair.primary();
        String to = pair.standby();
        boolean[] once = {false};
        Switchover switchover = pair.switchover().watchedBy(point -> {
            if (point.equals("stopping done") && !once[0]) {
                once[0] = true;
                pair.server(from).start();
                await().until(() -> pair.primaries().contains(from));
            }
        });

        SwitchoverResult result = switchover.run(plan(from, to, true));

        assertThat(result.steps()).containsSubsequence("stopping", "fencing", "stopping", "fencing", "promoting");
        pair.assertWhole(to);
    }

    @Tag("campaign")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "preparing begun",
                "preparing done",
                "stopping begun",
                "stopping done",
                "fencing begun",
                "fencing done",
                "promoting begun",
                "promoting done",
                "repointing begun",
                "repointing done",
                "rejoining begun",
                "rejoining done",
                "tidying begun",
                "tidying done"
            })
    void killedAnywhereItGoesOnOrBackAndNeverHasTwoPrimaries(String point) throws Exception {
        for (boolean byPerson : new boolean[] {true, false}) {
            String from = pair.primary();
            String to = pair.standby();
            SwitchoverProcess.killedAt(point, pair, from, to);
            assertThat(pair.primaries()).hasSizeLessThan(2);
            SwitchoverStep step =
                    SwitchoverRecord.find(state, from).orElseThrow().step();
            if (byPerson) {
                assertThat(pair.switchover().run(plan(from, to, true)).state()).isEqualTo("done");
                pair.assertWhole(to);
            } else {
                Switchover.sweep(state, pair.pools::database);
                pair.assertWhole(step.canGoBack() ? from : to);
            }
        }
    }

    private static void execute(DatabasePools pools, String sql) throws SQLException {
        try (Session session = pools.database("both").open(SwitchoverPair.WORK)) {
            assertThat(session.update(sql)).isEqualTo(1);
        }
    }

    private static void signal(String name, String pid) {
        try {
            assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor())
                    .isZero();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
