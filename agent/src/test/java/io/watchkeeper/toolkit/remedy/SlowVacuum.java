package io.watchkeeper.toolkit.remedy;

import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.time.Duration;

/** A vacuum of the primary that takes long, while the standby does not replay. */
final class SlowVacuum {

    private SlowVacuum() {}

    static Thread on(RemedyFleet fleet, String table) throws Exception {
        RemedyFleet.on(
                fleet.primary,
                "create table " + table
                        + " as select g as id, repeat('x', 800) as filler from generate_series(1, 20000) g");
        RemedyFleet.on(fleet.primary, "delete from " + table + " where id % 2 = 0");
        fleet.caughtUp();
        StandbyServers.pauseReplay(fleet.standby);
        Connection session = TestServers.connect(fleet.primary, "postgres");
        session.createStatement()
                .execute(
                        "set vacuum_cost_delay = 100; set vacuum_cost_page_hit = 100; set application_name = 'slow vacuum'");
        Thread vacuum = RemedyFleet.inBackground(session, "vacuum " + table);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> RemedyFleet.one(fleet.primary, "select count(*) from pg_stat_progress_vacuum")
                        .equals("1"));
        fleet.awaitBehind();
        return vacuum;
    }

    static void end(RemedyFleet fleet, Thread vacuum) throws Exception {
        RemedyFleet.on(
                fleet.primary,
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'slow vacuum'");
        vacuum.join();
        RemedyFleet.on(fleet.standby, "select pg_wal_replay_resume()");
    }
}
