package io.watchkeeper.toolkit.remedy;

import static io.watchkeeper.toolkit.remedy.RemedyFleet.on;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.one;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.own;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.OtherProcess;
import java.sql.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent leaves that dies in the middle of a remediation, and what becomes of it. */
@SuppressWarnings("try") // what is held open is held open, not used
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledRemedyTest {

    private static final String FEEDBACK = "hot_standby_feedback";

    private RemedyFleet fleet;

    @BeforeAll
    void start() {
        fleet = new RemedyFleet();
    }

    @AfterAll
    void stop() {
        fleet.close();
    }

    @AfterEach
    void setBack() {
        fleet.setBack();
    }

    private void dieAt(String step, String... allowed) {
        String[] arguments = new String[4 + allowed.length];
        arguments[0] = fleet.primary.url("postgres");
        arguments[1] = fleet.standby.url("postgres");
        arguments[2] = fleet.state.toString();
        arguments[3] = step;
        System.arraycopy(allowed, 0, arguments, 4, allowed.length);
        try (OtherProcess agent = OtherProcess.start(KilledRemedy.class, arguments)) {
            assertThat(agent.readLine()).isNull();
        }
    }

    private static void awaitSetting(LocalServer server, String setting, String value) {
        await().until(() -> one(server, "show " + setting).equals(value));
    }

    @Test
    void betweenRecordAndActionNothingWasChangedAndNothingIs() throws Exception {
        try (Connection reader = fleet.conflictingQuery("k1")) {
            fleet.awaitBehind();
            dieAt("recorded " + FEEDBACK, "HOT_STANDBY_FEEDBACK");
            assertThat(fleet.records()).hasSize(1);
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
            assertThat(fleet.sweep()).singleElement().asString().contains("was as before already");
            assertThat(fleet.records()).isEmpty();
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
        }
    }

    /** The last of them is after the file was put back and before the record went. */
    @ParameterizedTest
    @ValueSource(strings = {"made", "reverting", "reverted"})
    void betweenActionAndRevertTheNextStartPutsItBack(String stage) throws Exception {
        try (Connection reader = fleet.conflictingQuery("k2_" + stage)) {
            fleet.awaitBehind();
            dieAt(stage + " " + FEEDBACK, "HOT_STANDBY_FEEDBACK", "TERMINATE_CONFLICTS");
            assertThat(fleet.records()).hasSize(1);
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo(stage.equals("reverted") ? "null" : "on");
            fleet.sweep();
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
            awaitSetting(fleet.standby, FEEDBACK, "off");
            assertThat(fleet.records()).isEmpty();
            assertThat(fleet.sweep()).isEmpty();
        }
    }

    @Test
    void theValueThatAPersonHadSetBeforeComesBack() throws Exception {
        on(fleet.standby, "alter system set hot_standby_feedback = 'off'");
        try (Connection reader = fleet.conflictingQuery("k3")) {
            fleet.awaitBehind();
            dieAt("made " + FEEDBACK, "HOT_STANDBY_FEEDBACK");
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("on");
            assertThat(fleet.sweep()).singleElement().asString().contains("'off'");
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("off");
        }
    }

    /** Also where nobody has loaded it yet. */
    @Test
    void whatAPersonSetSinceStaysAndIsSaid() throws Exception {
        on(fleet.primary, "alter system set vacuum_cost_limit = 300");
        on(fleet.primary, "select pg_reload_conf()");
        Thread vacuum = SlowVacuum.on(fleet, "k4");
        try {
            dieAt("made vacuum_cost_limit", "COST_LIMIT");
            assertThat(own(fleet.primary, "vacuum_cost_limit")).isEqualTo("1500");
            on(fleet.primary, "alter system set vacuum_cost_limit = 700");
            assertThat(fleet.sweep())
                    .singleElement()
                    .asString()
                    .contains("was changed to '700' by somebody", "left as it is");
            assertThat(own(fleet.primary, "vacuum_cost_limit")).isEqualTo("700");
            assertThat(fleet.records()).isEmpty();
        } finally {
            SlowVacuum.end(fleet, vacuum);
        }
    }

    @Test
    void aServerThatIsDownAtTheSweepIsPutBackByTheNext() throws Exception {
        try (Connection reader = fleet.conflictingQuery("k5")) {
            fleet.awaitBehind();
            dieAt("made " + FEEDBACK, "HOT_STANDBY_FEEDBACK");
        }
        fleet.standby.stop();
        try {
            assertThat(fleet.sweep()).singleElement().asString().contains("is not taken back yet");
            assertThat(fleet.records()).hasSize(1);
        } finally {
            fleet.standby.start();
        }
        assertThat(fleet.sweep()).hasSize(1);
        assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
        assertThat(fleet.records()).isEmpty();
    }

    @Test
    void theNextRemediationPutsItBackFirstOfAll() throws Exception {
        try (Connection reader = fleet.conflictingQuery("k6")) {
            fleet.awaitBehind();
            dieAt("made " + FEEDBACK, "HOT_STANDBY_FEEDBACK");
        }
        fleet.caughtUp();
        assertThat(fleet.remedy(RemedyFleet.plan(Remedy.CANCEL_CONFLICTS)).ending())
                .isEqualTo(RemedyResult.Ending.NOT_BEHIND);
        assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
        assertThat(fleet.records()).isEmpty();
    }

    @Test
    void aLivingRemediationIsLeftAlone() throws Exception {
        try (Connection reader = fleet.conflictingQuery("k7");
                TemporaryChanges living = new TemporaryChanges(
                        fleet.state,
                        "run2",
                        "shore",
                        java.time.Clock.systemUTC(),
                        TemporaryChanges.revertBy(fleet.pools.all()),
                        (replica, stage) -> {},
                        (replica, outcome) -> {})) {
            var aboard = fleet.pools.database("aboard");
            try (var session = aboard.open(io.watchkeeper.postgres.Work.unattended("test"))) {
                living.set(session, "aboard", new TemporaryChanges.Setting(aboard, FEEDBACK, "on"), "a test");
            }
            assertThat(fleet.sweep()).isEmpty();
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("on");
            assertThat(living.takeBack(record -> true))
                    .singleElement()
                    .satisfies(outcome -> assertThat(outcome.changed()).isTrue());
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
        }
    }
}
