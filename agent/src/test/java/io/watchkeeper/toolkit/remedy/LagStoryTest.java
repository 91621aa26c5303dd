package io.watchkeeper.toolkit.remedy;

import static io.watchkeeper.toolkit.remedy.RemedyFleet.on;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.one;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.own;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A replica nine minutes behind, with a long vacuum, a bloated index and a report that holds replay up, at twenty times the speed. */
@Tag("campaign")
@SuppressWarnings("try") // what is held open is held open, not used
class LagStoryTest {

    private static final int SPEED = 20;

    @Test
    void nineMinutesBehindAndBackWithoutAPerson() throws Exception {
        try (RemedyFleet fleet = new RemedyFleet()) {
            on(fleet.primary, "create table events (id int primary key, filler text)");
            on(fleet.primary, "insert into events select g, 'x' from generate_series(1, 200000) g");
            on(fleet.primary, "delete from events where id % 10 <> 0");
            on(fleet.primary, "vacuum analyze events");
            try (Connection report = fleet.conflictingQuery("reported")) {
                Thread query = RemedyFleet.inBackground(report, "select count(*), pg_sleep(600) from reported");
                on(
                        fleet.primary,
                        "create table worn as select g as id, repeat('x', 800) as f from generate_series(1, 20000) g");
                on(fleet.primary, "delete from worn where id % 2 = 0");
                Connection session = TestServers.connect(fleet.primary, "postgres");
                session.createStatement()
                        .execute("set vacuum_cost_delay = 100; set vacuum_cost_page_hit = 200;"
                                + " set application_name = 'slow vacuum'");
                Thread vacuum = RemedyFleet.inBackground(session, "vacuum worn");
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> one(fleet.standby, "select now() - pg_last_xact_replay_timestamp() > '27 s'")
                                .equals("t"));
                RemedyResult result = fleet.remedy(new RemedyPlan(
                        Duration.ofSeconds(300 / SPEED),
                        null,
                        Duration.ofMillis(10_000 / SPEED),
                        Duration.ofSeconds(30 * 60 / SPEED),
                        Duration.ofMillis(250),
                        List.of(),
                        List.of(
                                Remedy.HOT_STANDBY_FEEDBACK,
                                Remedy.REINDEX,
                                Remedy.COST_LIMIT,
                                Remedy.CANCEL_CONFLICTS),
                        List.of("pg_dump"),
                        5,
                        null,
                        List.of("public.events"),
                        Ratio.percent(30)));
                assertThat(result.ending()).as("%s", result.fields()).isEqualTo(RemedyResult.Ending.REMEDIED);
                assertThat(result.took()).isLessThan(Duration.ofSeconds(24 * 60 / SPEED));
                assertThat(result.replicas().get(0).secondsBefore()).isGreaterThan(25);
                assertThat(result.replicas().get(0).actions())
                        .anyMatch(text -> text.startsWith("hotStandbyFeedback"))
                        .anyMatch(text -> text.startsWith("reindex"))
                        .anyMatch(text -> text.startsWith("costLimit"))
                        .anyMatch(text -> text.startsWith("cancelConflicts"));
                query.join();
                SlowVacuum.end(fleet, vacuum);
            }
            assertThat(own(fleet.standby, "hot_standby_feedback")).isEqualTo("null");
            assertThat(own(fleet.primary, "vacuum_cost_limit")).isEqualTo("null");
            assertThat(fleet.records()).isEmpty();
        }
    }
}
