package io.watchkeeper.toolkit.sync;

import static io.watchkeeper.toolkit.sync.SyncFleet.plan;
import static io.watchkeeper.toolkit.sync.SyncFleet.withTable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.SourceCluster;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** The watermark's cases of the catalogue: whatever xids, snapshots and rewrites do, no written row is missed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
class WatermarkCatalogueTest {

    private static final long EPOCH = 1L << 32;

    private @Nullable SourceCluster cluster;

    /** One for all cases that need a standby or another transaction counter, in the state that the case before left it in. */
    private SourceCluster cluster() {
        SourceCluster made = cluster == null ? new SourceCluster() : cluster;
        cluster = made;
        return made;
    }

    @AfterAll
    void close() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void w01LateCommitWithLowerXid() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer late = fleet.writer()) {
            late.run("begin; update t set n = 1 where id = 1; insert into t values (1000, 1000, 1, 'late')");
            fleet.shore("update t set n = 2 where id = 2");
            assertIncremental(fleet.sync("t"), 1);
            assertThat(fleet.onShip("select n from t where id in (1, 2) order by id"))
                    .containsExactly("0", "2");

            late.run("commit");

            assertIncremental(fleet.sync("t"), 2);
            fleet.assertSame("t");
        }
    }

    @Test
    void w02SubtransactionStraddlesARound() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer writer = fleet.writer()) {
            writer.run("begin; update t set n = 1 where id = 1; savepoint a; update t set n = 1 where id = 2");
            fleet.shore("update t set n = 3 where id = 3");
            assertIncremental(fleet.sync("t"), 1);
            writer.run("release a; savepoint b; update t set n = 1 where id = 4; savepoint c;"
                    + " delete from t where id = 5; release c; release b");
            assertIncremental(fleet.sync("t"), 0);

            writer.run("commit");

            assertIncremental(fleet.sync("t"), 3);
            fleet.assertSame("t");
        }
    }

    @Test
    void w03SubtransactionOverflow() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer writer = fleet.writer()) {
            writer.run("begin");
            for (int i = 1; i <= 90; i++) {
                writer.run("savepoint s" + i + "; update t set n = n + 1 where id = " + i);
            }
            fleet.shore("insert into t values (2000, 2000, 2, 'between')");
            assertIncremental(fleet.sync("t"), 1);

            writer.run("commit");

            assertIncremental(fleet.sync("t"), 90);
            fleet.assertSame("t");
        }
    }

    @Test
    void w04PreparedAcrossRounds() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer writer = fleet.writer()) {
            String gid = "w04 " + System.nanoTime();
            writer.run("begin; update t set n = 1 where id = 1; delete from t where id = 2;"
                    + " insert into t values (1000, 1000, 1, 'prepared'); prepare transaction '" + gid + "'");
            for (int round = 0; round < 3; round++) {
                fleet.shore("update t set n = n + 1 where id = 50");
                fleet.sync("t");
                assertThat(fleet.onShip("select n from t where id in (1, 2, 50) order by id"))
                        .containsExactly("0", "0", String.valueOf(round + 1));
            }

            writer.run("commit prepared '" + gid + "'");

            SyncResult last = fleet.sync("t");
            assertThat(last.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(last.rowsDeleted()).isEqualTo(1);
            fleet.assertSame("t");
        }
    }

    @Test
    void w05PreparedAcrossSwitchover() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet fleet = withTable(SyncFleet.of(servers));
                SyncFleet.Writer writer = fleet.writer()) {
            writer.run("begin; update t set n = 1 where id = 1; delete from t where id = 2;"
                    + " insert into t values (1000, 1000, 1, 'prepared'); prepare transaction 'w05'");
            assertIncremental(fleet.sync("t"), 0);
            servers.switchOver();
            try (SyncFleet promoted = fleet.from(servers.primary())) {
                promoted.shore("update t set n = 3 where id = 3");
                promoted.sync("t");
                assertThat(promoted.onShip("select n from t where id in (1, 2, 3) order by id"))
                        .containsExactly("0", "0", "3");

                promoted.shore("commit prepared 'w05'");

                assertThat(promoted.sync("t").mode()).isEqualTo(SyncMode.XMIN);
                promoted.assertSame("t");
                assertThat(promoted.onShip("select count(*) from t where id in (1, 2, 1000)"))
                        .containsExactly("2");
            }
        }
    }

    @Test
    void w06AbortedSubtransaction() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer writer = fleet.writer()) {
            writer.run("begin; update t set n = 1 where id = 1; savepoint a; update t set n = 9 where id in (1, 2);"
                    + " delete from t where id = 3; insert into t values (1000, 1000, 9, 'aborted')");
            assertIncremental(fleet.sync("t"), 0);
            writer.run("rollback to a; savepoint b; update t set n = 1 where id = 4; release b; commit");

            assertIncremental(fleet.sync("t"), 2);

            fleet.assertSame("t");
            assertThat(fleet.onShip("select id from t where n = 9 or filler = 'aborted'"))
                    .isEmpty();
        }
    }

    @Test
    void w07Cross2To31() throws Exception {
        cross(1L << 31);
    }

    @Test
    void w08Cross2To32() throws Exception {
        cross(EPOCH);
    }

    /** With a transaction that begins before the border, and rounds on both sides of it. */
    private void cross(long border) throws Exception {
        SourceCluster servers = cluster();
        try (SyncFleet fleet = withTable(SyncFleet.of(servers))) {
            servers.moveTransactionCounter(border - 20);
            fleet.sync("t");
            fleet.assertSame("t");
            try (SyncFleet.Writer late = fleet.writer()) {
                late.run(
                        "begin; update t set n = 1 where id = 1; savepoint a; insert into t values (1000, 1000, 1, 'late')");
                for (int i = 1; i <= 40; i++) {
                    fleet.shore("update t set n = n + 1 where id = " + (10 + i));
                    if (i % 8 == 0) {
                        assertThat(fleet.sync("t").mode()).isEqualTo(SyncMode.XMIN);
                        assertThat(fleet.onShip("select sum(n) from t")).containsExactly(String.valueOf(i));
                    }
                }
                assertThat(servers.nextTransaction()).isGreaterThan(border);
                late.run("delete from t where id = 2; commit");
            }
            SyncResult last = fleet.sync("t");
            assertThat(last.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(last.rowsDeleted()).isEqualTo(1);
            fleet.assertSame("t");
            assertThat(fleet.sync("t").rowsRead()).isZero();
        }
    }

    /** A frozen row keeps its xmin, which is the number of a running transaction an epoch later. */
    @Test
    void w09FrozenAlias() throws Exception {
        SourceCluster servers = cluster();
        try (SyncFleet fleet = withTable(SyncFleet.of(servers))) {
            fleet.shore("insert into t values (1000, 1000, 1, 'to be frozen')");
            fleet.sync("t");
            String alias = fleet.onShore("select xmin from t where id = 1000").get(0);
            long running = (servers.nextTransaction() / EPOCH + 1) * EPOCH + Long.parseLong(alias);
            servers.moveTransactionCounter(running - 3);
            fleet.sync("t");
            while (servers.nextTransaction() < running) {
                fleet.shore("select pg_current_xact_id()");
            }
            try (SyncFleet.Writer late = fleet.writer()) {
                late.run("begin; update t set n = 7 where id = 7; insert into t values (2000, 2000, 1, 'alias')");
                assertThat(fleet.onShore("select count(*) from t where xmin::text = '" + alias + "'"))
                        .containsExactly("1");
                fleet.shore("update t set n = 8 where id = 8");
                assertThat(fleet.sync("t").mode()).isEqualTo(SyncMode.XMIN);
                late.run("commit");
            }
            assertThat(fleet.onShore("select count(*) from t where xmin::text = '" + alias + "'"))
                    .as("the frozen row and two new ones")
                    .containsExactly("3");

            assertThat(fleet.sync("t").mode()).isEqualTo(SyncMode.XMIN);

            fleet.assertSame("t");
        }
    }

    @Test
    void w10VacuumFullClusterFreeze() throws Exception {
        try (SyncFleet fleet = withTable()) {
            for (String rewrite : List.of("vacuum full t", "cluster t using t_pkey", "vacuum freeze t")) {
                fleet.shore("update t set n = n + 1 where id <= 10");
                fleet.shore("delete from t where id = (select max(id) from t)");
                fleet.shore(rewrite);
                SyncResult result = fleet.sync("t");
                assertThat(result.mode()).as(rewrite).isEqualTo(SyncMode.XMIN);
                assertThat(result.rowsWritten()).as(rewrite).isEqualTo(10);
                assertThat(result.rowsDeleted()).as(rewrite).isEqualTo(1);
                fleet.assertSame("t");
                fleet.shore(rewrite);
                assertIncremental(fleet.sync("t"), 0);
            }
        }
    }

    /**
     * pg_repack fills a new table, in which every row has a new xmin, and swaps the files of both. SQL cannot swap files, so this
     * swaps the tables by name: the xmins are the same as after pg_repack, the object id is not.
     */
    @Test
    void w11PgRepackRefetch() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.shore("update t set n = 1 where id = 1");
            fleet.shore("delete from t where id = 2");
            fleet.shore("begin; create table repacked (like t including all); insert into repacked select * from t;"
                    + " drop table t; alter table repacked rename to t; commit");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.FULL);
            assertThat(result.reason()).contains("replaced");
            assertThat(result.rowsWritten()).isEqualTo(1);
            assertThat(result.rowsDeleted()).isEqualTo(1);
            fleet.assertSame("t");
            fleet.shore("update t set n = 3 where id = 3");
            assertIncremental(fleet.sync("t"), 1);
        }
    }

    /** The same as a rewrite that keeps the object id: every row new, none of them different. */
    @Test
    void w11RewriteOfEveryRowRefetchesAndChangesNothing() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.shore("update t set n = n");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(result.rowsRead()).isEqualTo(100);
            fleet.assertSame("t");
        }
    }

    @Test
    void w12StandbysEmptyXip() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet primary = withTable(SyncFleet.of(servers));
                SyncFleet standby = primary.from(servers.standby());
                SyncFleet.Writer late = primary.writer()) {
            late.run(
                    "begin; update t set n = 1 where id = 1; savepoint a; insert into t values (1000, 1000, 1, 'late')");
            primary.shore("update t set n = 2 where id = 2");
            servers.awaitReplay();
            assertThat(standby.onShore("select pg_snapshot_xip(pg_current_snapshot())"))
                    .as("what a standby says of running transactions")
                    .isEmpty();
            assertIncremental(standby.sync("t"), 1);

            late.run("commit");
            servers.awaitReplay();

            assertIncremental(standby.sync("t"), 2);
            standby.assertSame("t");
        }
    }

    @Test
    void w13StandbyBehindStoredLsn() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet primary = withTable(SyncFleet.of(servers));
                SyncFleet standby = primary.from(servers.standby())) {
            servers.awaitReplay();
            standby.shore("select pg_wal_replay_pause()");
            primary.shore("update t set n = 1 where id = 1; delete from t where id = 2");
            primary.sync("t");

            SyncResult behind = new TableSyncer(
                            standby.fleet().shore(),
                            standby.fleet().ship(),
                            Work.unattended("sync test"),
                            Duration.ofMillis(300))
                    .sync(plan("t"));

            assertThat(behind.skipped()).isTrue();
            assertThat(behind.reason()).contains("has replayed up to");
            assertThat(standby.onShip("select id, n from t where id < 3")).containsExactly("1|1");
            primary.shore("update t set n = 3 where id = 3");
            standby.shore("select pg_wal_replay_resume()");
            servers.awaitReplay();
            assertIncremental(standby.sync("t"), 1);
            standby.assertSame("t");
        }
    }

    @Test
    void w13StandbyBehindStoredLsnOfASet() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet primary = withTable(SyncFleet.of(servers));
                SyncFleet standby = primary.from(servers.standby())) {
            servers.awaitReplay();
            standby.shore("select pg_wal_replay_pause()");
            primary.shore("update t set n = 1 where id = 1");
            primary.sync("t");
            CompletableFuture<SyncSetResult> set = CompletableFuture.supplyAsync(() -> syncAll(standby));
            await().atMost(Duration.ofSeconds(20)).during(Duration.ofSeconds(2)).until(() -> !set.isDone());
            standby.shore("select pg_wal_replay_resume()");

            assertThat(set.get().results()).noneMatch(SyncResult::skipped);
            standby.assertSame("t");
        }
    }

    @Test
    void w13StandbyBehindStoredLsnOfASetIsWaitedForOnce() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet primary = withTable(SyncFleet.of(servers));
                SyncFleet standby = primary.from(servers.standby())) {
            for (int i = 1; i < 12; i++) {
                primary.both("create table t" + i + " (id int primary key)");
            }
            servers.awaitReplay();
            standby.shore("select pg_wal_replay_pause()");
            primary.shore("update t set n = 1 where id = 1");
            syncAll(primary);
            long began = System.nanoTime();

            SyncSetResult result = new TableSetSyncer(
                            standby.fleet().shore(),
                            standby.fleet().ship(),
                            Work.unattended("sync test"),
                            Largeness.USUAL,
                            Duration.ofSeconds(5))
                    .sync(SyncSetPlan.of(List.of("public.*"), List.of()));

            assertThat(result.results()).hasSize(12).allMatch(SyncResult::skipped);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(20));
            standby.shore("select pg_wal_replay_resume()");
        }
    }

    private static SyncSetResult syncAll(SyncFleet fleet) {
        try {
            return new TableSetSyncer(fleet.fleet().shore(), fleet.fleet().ship(), Work.unattended("sync test"))
                    .sync(SyncSetPlan.of(List.of("public.*"), List.of()));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void w14AlternatePrimaryAndStandby() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet primary = withTable(SyncFleet.of(servers));
                SyncFleet standby = primary.from(servers.standby())) {
            List<SyncFleet.Writer> open = new ArrayList<>();
            for (int round = 1; round <= 8; round++) {
                SyncFleet.Writer late = primary.writer();
                open.add(late);
                late.run("begin; update t set n = n + 1 where id = " + round
                        + "; savepoint a; delete from t where id = " + (20 + round));
                primary.shore("update t set n = n + 1 where id = " + (40 + round));
                if (round > 3) {
                    open.remove(0).run("commit").close();
                }
                servers.awaitReplay();
                SyncFleet source = round % 2 == 0 ? standby : primary;
                assertThat(source.sync("t").mode()).as("round %d", round).isEqualTo(SyncMode.XMIN);
                source.assertSame("t");
            }
            for (SyncFleet.Writer late : open) {
                late.close();
            }
        }
    }

    @Test
    void w15PinnedHorizonIsBounded() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer pin = fleet.writer()) {
            pin.run("begin; update t set n = -1 where id = 100");
            for (int round = 1; round <= 5; round++) {
                fleet.shore("update t set n = n + 1 where id between " + (round * 10) + " and " + (round * 10 + 9));
                SyncResult result = fleet.sync("t");
                assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
                assertThat(result.rowsRead())
                        .as("what was written since the pin, and no more")
                        .isBetween(10L, round * 10L);
            }
            pin.run("commit");
            assertThat(fleet.sync("t").rowsRead()).isLessThanOrEqualTo(51);
            assertThat(fleet.sync("t").rowsRead()).isZero();
            fleet.assertSame("t");
        }
    }

    private static void assertIncremental(SyncResult result, long written) {
        assertThat(result.mode()).as(result.reason()).isEqualTo(SyncMode.XMIN);
        assertThat(result.rowsWritten()).as(result.reason()).isEqualTo(written);
    }
}
