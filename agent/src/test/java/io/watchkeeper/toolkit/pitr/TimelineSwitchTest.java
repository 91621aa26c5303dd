package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.Compression;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A backup of a primary that died leads along the timeline of the standby that took its place. */
class TimelineSwitchTest {

    @Test
    void doesNotTakeTheEndOfALeftTimelineForTheSourcesState() {
        try (BackedUpCluster cluster = new BackedUpCluster()) {
            cluster.run("create table far (id int)");
            cluster.backup(Compression.NONE);
            LocalServer standby = StandbyServers.of(cluster.server);
            try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", standby, "app")))) {
                TestServers.execute(standby, "postgres", "alter system set archive_mode = 'off'");
                standby.stop();
                cluster.run("insert into far select generate_series(1, 10)");
                cluster.archive();
                cluster.server.stop();
                standby.start();
                TestServers.execute(standby, "postgres", "select pg_promote()");
                TestServers.execute(standby, "app", "insert into far values (-1)");

                DrillResult result = new PitrDrill(
                                cluster.settings, pools.database("shore"), Work.unattended("drill"), "01STANDBY")
                        .run(DrillPlan.to(RecoveryTarget.LATEST));

                assertThat(result.failures())
                        .singleElement()
                        .asString()
                        .startsWith("RPO")
                        .contains("timeline 2");
            } finally {
                standby.close();
            }
        }
    }

    @Test
    void followsAPromotedStandby() {
        try (BackedUpCluster cluster = new BackedUpCluster()) {
            cluster.run("create table far (id int)");
            Backup backup = cluster.backup(Compression.NONE);
            LocalServer standby = StandbyServers.of(cluster.server);
            try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", standby, "app")))) {
                cluster.archive();
                cluster.server.stop();
                TestServers.execute(standby, "postgres", "select pg_promote()");
                TestServers.execute(standby, "app", "insert into far values (-1)");
                String segment = TestHost.ask(standby, "app", "select pg_walfile_name(pg_switch_wal())");
                org.awaitility.Awaitility.await()
                        .until(() -> cluster.catalogue().wal().find(segment).isPresent());

                DrillResult result = new PitrDrill(
                                cluster.settings, pools.database("shore"), Work.unattended("drill"), "01STANDBY")
                        .run(new DrillPlan(
                                RecoveryTarget.LATEST,
                                backup.id(),
                                DrillPlan.MAX_RPO,
                                DrillPlan.MAX_RTO,
                                List.of(new CheckQuery("after", "select count(*) = 1 from far where id = -1")),
                                null,
                                false,
                                List.of("public.*"),
                                DrillPlan.PORT));

                assertThat(result.failures()).isEmpty();
                assertThat(result.timeline()).isEqualTo(3);
            } finally {
                standby.close();
            }
        }
    }
}
