package io.watchkeeper.toolkit.remedy;

import static io.watchkeeper.toolkit.remedy.RemedyFleet.inBackground;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.on;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.one;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.own;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.remedy.RemedyResult.Ending;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@SuppressWarnings("try") // what is held open is held open, not used
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LagRemediatorTest {

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
        fleet.caughtUp();
    }

    private static List<RemedyEvent.Kind> kinds(RemedyResult result) {
        return result.timeline().stream().map(RemedyEvent::kind).toList();
    }

    @Test
    void doesNothingWhileNobodyIsBehind() throws Exception {
        fleet.caughtUp();
        RemedyResult result = fleet.remedy(plan(Remedy.values()));
        assertThat(result.ending()).isEqualTo(Ending.NOT_BEHIND);
        assertThat(result.timeline()).isEmpty();
        assertThat(result.problem()).isEmpty();
    }

    @Test
    void cancelsTheQueryThatReplayWaitsForAndTakesFeedbackBack() throws Exception {
        try (Connection reader = fleet.conflictingQuery("c1")) {
            fleet.awaitBehind();
            Thread query = inBackground(reader, "select count(*), pg_sleep(60) from c1");
            await().until(() -> one(
                            fleet.standby,
                            "select count(*) from pg_stat_activity where state = 'active' and application_name = 'report'")
                    .equals("1"));
            RemedyResult result = fleet.remedy(plan(Remedy.HOT_STANDBY_FEEDBACK, Remedy.CANCEL_CONFLICTS));
            assertThat(result.ending()).isEqualTo(Ending.REMEDIED);
            assertThat(kinds(result))
                    .containsExactly(
                            RemedyEvent.Kind.LAG,
                            RemedyEvent.Kind.CAUSE,
                            RemedyEvent.Kind.ACTION,
                            RemedyEvent.Kind.ACTION,
                            RemedyEvent.Kind.RECOVERED,
                            RemedyEvent.Kind.REVERT);
            assertThat(result.timeline().get(1).text())
                    .contains("a query on it needs rows that replay removes", "(postgres, report)", "pg_sleep(60)");
            assertThat(result.timeline().get(3).text()).startsWith("cancelConflicts: cancelled pid ");
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
            assertThat(fleet.records()).isEmpty();
            assertThat(fleet.board.events()).containsAll(result.timeline());
            query.join();
        }
    }

    @Test
    void endsASessionThatSitsInATransactionOnlyWhereThatIsAllowed() throws Exception {
        try (Connection reader = fleet.conflictingQuery("c2")) {
            fleet.awaitBehind();
            RemedyResult tried = fleet.remedy(plan(Remedy.CANCEL_CONFLICTS));
            assertThat(tried.ending()).isEqualTo(Ending.GAVE_UP);
            assertThat(tried.problem().orElseThrow())
                    .hasMessageContaining("idle in transaction after \"select count(*) from c2\"");
            assertThat(tried.problem().orElseThrow().hint()).contains("terminateConflicts");
            RemedyResult done = fleet.remedy(plan(Remedy.CANCEL_CONFLICTS, Remedy.TERMINATE_CONFLICTS));
            assertThat(done.ending()).isEqualTo(Ending.REMEDIED);
            assertThat(done.replicas().get(0).actions())
                    .singleElement()
                    .asString()
                    .contains("ended pid");
        }
    }

    @Test
    void sparesWhomItIsToldToSpare() throws Exception {
        try (Connection reader = fleet.conflictingQuery("c3")) {
            fleet.awaitBehind();
            RemedyPlan usual = plan(Remedy.CANCEL_CONFLICTS, Remedy.TERMINATE_CONFLICTS);
            RemedyResult result = fleet.remedy(new RemedyPlan(
                    usual.alertAfter(),
                    null,
                    usual.until(),
                    usual.deadline(),
                    usual.every(),
                    List.of(),
                    usual.allowed(),
                    List.of("pg_dump", "rep*"),
                    5,
                    null,
                    List.of(),
                    usual.bloatOver()));
            assertThat(result.ending()).isEqualTo(Ending.GAVE_UP);
            assertThat(result.replicas().get(0).actions()).isEmpty();
            assertThat(reader.isValid(5)).isTrue();
        }
    }

    @Test
    void findsTheSessionWhoseLockReplayWaitsFor() throws Exception {
        on(fleet.primary, "create table locked (id int)");
        fleet.caughtUp();
        try (Connection reader = DriverManager.getConnection(
                fleet.standby.url("postgres") + "?ApplicationName=report", "postgres", "")) {
            reader.setAutoCommit(false);
            try (Statement statement = reader.createStatement()) {
                statement.execute("select * from locked");
            }
            on(fleet.primary, "alter table locked add column name text");
            fleet.awaitBehind();
            RemedyResult result = fleet.remedy(plan(Remedy.TERMINATE_CONFLICTS));
            assertThat(result.ending()).isEqualTo(Ending.REMEDIED);
            assertThat(result.timeline().get(1).text())
                    .contains("holds a lock that replay needs", "has locked public.locked");
        }
    }

    @Test
    void saysThatReplayIsPausedAndLetsItGoOnWhereAllowed() throws Exception {
        StandbyServers.pauseReplay(fleet.standby);
        on(fleet.primary, "create table paused as select generate_series(1, 1000) as id");
        fleet.awaitBehind();
        RemedyResult named = fleet.remedy(plan());
        assertThat(named.ending()).isEqualTo(Ending.DIAGNOSED);
        assertThat(named.problem().orElseThrow()).hasMessageContaining("replay is paused");
        assertThat(named.problem().orElseThrow().hint()).contains("resumeReplay");
        assertThat(one(fleet.standby, "select pg_is_wal_replay_paused()")).isEqualTo("t");
        RemedyResult done = fleet.remedy(plan(Remedy.RESUME_REPLAY));
        assertThat(done.ending()).isEqualTo(Ending.REMEDIED);
    }

    @Test
    void doesNotPromoteAStandbyThatStandsAtItsRecoveryTarget() throws Exception {
        String target = one(fleet.primary, "select pg_current_wal_lsn()");
        fleet.caughtUp();
        on(fleet.standby, "alter system set recovery_target_lsn = '" + target + "'");
        fleet.standby.stop();
        fleet.standby.start();
        try {
            on(fleet.primary, "create table beyond as select generate_series(1, 1000) as id");
            await().until(() ->
                    one(fleet.standby, "select pg_is_wal_replay_paused()").equals("t"));
            fleet.awaitBehind();

            RemedyResult result = fleet.remedy(plan(Remedy.RESUME_REPLAY));

            assertThat(result.ending()).isEqualTo(Ending.GAVE_UP);
            assertThat(result.timeline().toString()).contains("stands at its recovery target (recovery_target_lsn)");
            assertThat(one(fleet.standby, "select pg_is_in_recovery()")).isEqualTo("t");
        } finally {
            on(fleet.standby, "alter system reset recovery_target_lsn");
            fleet.standby.stop();
            fleet.standby.start();
        }
    }

    @Test
    void cancelsNobodyWhileTheBlockerMayBeInAnotherDatabase() throws Exception {
        on(fleet.primary, "create database elsewhere");
        fleet.caughtUp();
        try (Connection report = DriverManager.getConnection(
                fleet.standby.url("elsewhere") + "?ApplicationName=report", "postgres", "")) {
            report.setAutoCommit(false);
            report.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (Statement statement = report.createStatement()) {
                statement.execute("select 1");
            }
            Thread running = inBackground(report, "select pg_sleep(60)");
            try (Connection reader = fleet.conflictingQuery("crossed")) {
                fleet.awaitBehind();
                RemedyResult result = fleet.remedy(plan(Remedy.CANCEL_CONFLICTS, Remedy.TERMINATE_CONFLICTS));
                assertThat(result.ending()).isEqualTo(Ending.GAVE_UP);
                assertThat(result.replicas().get(0).actions()).isEmpty();
                assertThat(result.timeline().toString()).contains("sessions of several databases hold snapshots");
                assertThat(reader.isValid(5)).isTrue();
            }
            fleet.setBack();
            running.join();
        }
        on(fleet.primary, "drop database elsewhere");
    }

    @Test
    void raisesTheCostLimitForALongVacuumAndPutsItBackAtTheEnd() throws Exception {
        Thread vacuum = SlowVacuum.on(fleet, "v1");
        try {
            CompletableFuture<RemedyResult> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return fleet.remedy(plan(Remedy.COST_LIMIT));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            await().until(() -> own(fleet.primary, "vacuum_cost_limit").equals("1000"));
            on(fleet.standby, "select pg_wal_replay_resume()");
            RemedyResult result = running.get();
            assertThat(result.ending()).isEqualTo(Ending.REMEDIED);
            assertThat(result.replicas().get(0).causes())
                    .anySatisfy(cause -> assertThat(cause.evidence()).contains("a vacuum of public.v1 has run for"));
            assertThat(own(fleet.primary, "vacuum_cost_limit")).isEqualTo("null");
        } finally {
            SlowVacuum.end(fleet, vacuum);
        }
    }

    @Test
    void takesBackWhatItDidWhenItIsToldToStop() throws Exception {
        try (Connection reader = fleet.conflictingQuery("c4")) {
            fleet.awaitBehind();
            StoppableWork work = new StoppableWork("stopped");
            work.onProgress(progress -> {
                if (progress.stage().equals("made " + FEEDBACK)) {
                    work.stop();
                }
            });
            LagRemediator remediator = fleet.remediator(work);
            assertThatThrownBy(() -> remediator.run(plan(Remedy.HOT_STANDBY_FEEDBACK)))
                    .isInstanceOf(WorkCancelledException.class);
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
            assertThat(fleet.records()).isEmpty();
            assertThat(remediator.result().ending()).isEqualTo(Ending.STOPPED);
            assertThat(kinds(remediator.result())).contains(RemedyEvent.Kind.REVERT);
        }
    }

    @Test
    void takesBackWhatItDidAtTheDeadline() throws Exception {
        try (Connection reader = fleet.conflictingQuery("c5")) {
            fleet.awaitBehind();
            RemedyPlan usual = plan(Remedy.HOT_STANDBY_FEEDBACK);
            RemedyResult result = fleet.remedy(new RemedyPlan(
                    usual.alertAfter(),
                    null,
                    usual.until(),
                    Duration.ofSeconds(1),
                    usual.every(),
                    List.of(),
                    usual.allowed(),
                    List.of(),
                    5,
                    null,
                    List.of(),
                    usual.bloatOver()));
            assertThat(result.ending()).isEqualTo(Ending.GAVE_UP);
            assertThat(kinds(result)).endsWith(RemedyEvent.Kind.GAVE_UP, RemedyEvent.Kind.REVERT);
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("null");
        }
    }

    @Test
    void leavesWhatAPersonSetInTheMeantime() throws Exception {
        try (Connection reader = fleet.conflictingQuery("c6")) {
            fleet.awaitBehind();
            StoppableWork work = new StoppableWork("overruled");
            work.onProgress(progress -> {
                if (progress.stage().equals("reverting " + FEEDBACK)) {
                    on(fleet.standby, "alter system set hot_standby_feedback = 'off'");
                }
            });
            RemedyResult result =
                    fleet.remediator(work).run(plan(Remedy.HOT_STANDBY_FEEDBACK, Remedy.TERMINATE_CONFLICTS));
            assertThat(result.ending()).isEqualTo(Ending.REMEDIED);
            assertThat(result.timeline().get(result.timeline().size() - 1).text())
                    .contains("was changed to 'off' by somebody", "left as it is");
            assertThat(own(fleet.standby, FEEDBACK)).isEqualTo("off");
        }
    }

    @Test
    void standsBackWhileAnotherAgentIsAtIt() throws Exception {
        try (Connection reader = fleet.conflictingQuery("c7")) {
            fleet.awaitBehind();
            try (RemedyLock other =
                    RemedyLock.tryTake(fleet.shore(), Work.unattended("other")).orElseThrow()) {
                assertThat(other.session().isUsable()).isTrue();
                RemedyResult result = fleet.remedy(plan(Remedy.TERMINATE_CONFLICTS));
                assertThat(result.ending()).isEqualTo(Ending.ELSEWHERE);
                assertThat(result.problem()).isEmpty();
                assertThat(result.words()).contains("another agent is remedying");
            }
            assertThat(fleet.remedy(plan(Remedy.TERMINATE_CONFLICTS)).ending()).isEqualTo(Ending.REMEDIED);
        }
    }

    /** Such locks belong to a database, and the setting to the whole server. */
    @Test
    void standsBackAlsoForAnAgentThatUsesAnotherDatabaseOfTheServer() throws Exception {
        String other = TestServers.freshDatabase(fleet.primary);
        try (Connection reader = fleet.conflictingQuery("c8");
                Connection holder = TestServers.connect(fleet.primary, other);
                Statement statement = holder.createStatement()) {
            statement.execute("select pg_advisory_lock(" + 0x7761746B + ", " + 0x72656D65 + ")");
            fleet.awaitBehind();
            assertThat(fleet.remedy(plan(Remedy.TERMINATE_CONFLICTS)).ending()).isEqualTo(Ending.ELSEWHERE);
        }
    }

    @Test
    void aDryRunNamesTheCauseAndWhatItWouldDoAndDoesNothing() throws Exception {
        try (Connection reader = fleet.conflictingQuery("c9")) {
            fleet.awaitBehind();
            var actions = fleet.remediator(Work.unattended("dry")).describe(plan(Remedy.TERMINATE_CONFLICTS));
            assertThat(actions.get(0).sql()).contains("a query on it needs rows that replay removes");
            assertThat(actions.get(0).note()).isEqualTo("would: terminateConflicts");
            assertThat(reader.isValid(5)).isTrue();
            assertThat(fleet.records()).isEmpty();
        }
    }

    @Test
    void endsTheWaitForAReceiverThatIsGone() throws Exception {
        String conninfo = one(fleet.standby, "select current_setting('primary_conninfo')");
        on(fleet.standby, "alter system set primary_conninfo = 'host=127.0.0.1 port=1'");
        on(fleet.standby, "select pg_reload_conf()");
        await().until(() ->
                one(fleet.primary, "select count(*) from pg_stat_replication").equals("0"));
        on(fleet.primary, "create table unseen as select generate_series(1, 1000) as id");
        // A person has put it right in the file and has not thought of loading it.
        on(fleet.standby, "alter system set primary_conninfo = '" + conninfo.replace("'", "''") + "'");
        await().until(() -> one(fleet.standby, "select now() - pg_last_xact_replay_timestamp() > '0.6 s'")
                .equals("t"));
        RemedyResult result = fleet.remedy(plan(Remedy.RESTART_RECEIVER));
        assertThat(result.ending()).isEqualTo(Ending.REMEDIED);
        assertThat(result.timeline().get(1).text()).contains("it does not receive");
    }
}
