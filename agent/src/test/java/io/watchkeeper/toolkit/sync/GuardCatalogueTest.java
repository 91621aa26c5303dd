package io.watchkeeper.toolkit.sync;

import static io.watchkeeper.toolkit.sync.SyncFleet.plan;
import static io.watchkeeper.toolkit.sync.SyncFleet.withTable;
import static io.watchkeeper.toolkit.sync.SyncFleet.withoutBrake;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.SourceCluster;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.copy.Pace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** The guards' cases of the catalogue: what no xmin tells is noticed otherwise, or refused. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
class GuardCatalogueTest {

    private static final String PARTITIONED =
            "create table t (id bigint, region text, n int) partition by list (region)";
    private static final String PLAIN = "create table t (id bigint primary key, region text, n int)";

    private static final String TIMED = "create table t (id bigint primary key, n int, at timestamptz not null)";

    private @Nullable SourceCluster cluster;

    /** One for all cases that replace a primary, in the state that the case before left it in. */
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

    /** A snapshot that is older than the TRUNCATE would show an empty table. */
    @Test
    void g01TruncateAfterSnapshot() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer writer = fleet.writer()) {
            writer.run("begin; truncate t; insert into t values (1, 1, 1, 'after'), (200, 200, 1, 'after')");
            CompletableFuture<SyncResult> round = start(fleet, withoutBrake("t"));
            awaitWaiting(fleet);

            writer.run("commit");

            assertThat(round.get().rowsDeleted()).isEqualTo(99);
            fleet.assertSame("t");
            assertThat(fleet.onShip("select count(*) from t")).containsExactly("2");
        }
    }

    /** As with TRUNCATE: to an older snapshot a rewritten table may look empty. */
    @Test
    void g02RewriteAfterSnapshot() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer writer = fleet.writer()) {
            writer.run("begin; update t set n = 1 where id = 1; cluster t using t_pkey");
            CompletableFuture<SyncResult> round = start(fleet, plan("t"));
            awaitWaiting(fleet);

            writer.run("alter table t alter column v type numeric; alter table t alter column v type bigint; commit");

            assertThat(round.get().rowsDeleted()).isZero();
            fleet.assertSame("t");
        }
    }

    @Test
    void g03LockTimeoutRetry() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer writer = fleet.writer()) {
            fleet.shore("update t set n = 1 where id = 1");
            writer.run("begin; lock table t in access exclusive mode");
            CompletableFuture<SyncResult> round = start(fleet, plan("t"));
            // Longer than the round waits for a lock the first time; it is tried again by itself.
            await().atMost(Duration.ofSeconds(20))
                    .during(Duration.ofMillis(5500))
                    .until(() -> !round.isDone());
            writer.run("commit");

            assertThat(round.get().rowsWritten()).isEqualTo(1);
            fleet.assertSame("t");
        }
    }

    @Test
    void g04Attach() throws Exception {
        try (SyncFleet fleet = partitioned()) {
            // Old rows: their xmin is below the last round's horizon.
            fleet.shore("create table t_s (id bigint, region text, n int)");
            fleet.shore("insert into t_s select i, 's', i from generate_series(1001, 1020) i");
            fleet.shore("vacuum freeze t_s");
            fleet.sync("t");
            fleet.shore("alter table t attach partition t_s for values in ('s')");

            SyncResult result = fleet.sync("t");

            assertThat(result.rowsWritten()).isEqualTo(20);
            fleet.assertSame("t");
            fleet.shore("update t set n = -1 where id = 1001");
            assertThat(fleet.sync("t").rowsWritten()).isEqualTo(1);
            fleet.assertSame("t");
        }
    }

    /** Another table takes a partition's place: the same keys, other values, and no xmin that tells. */
    @Test
    void g04ExchangedPartition() throws Exception {
        for (Largeness largeness : List.of(Largeness.USUAL, new Largeness(1, 1))) {
            try (SyncFleet fleet = partitioned()) {
                fleet.shore("create table other (id bigint, region text, n int)");
                fleet.shore("insert into other select id, region, 7 from t_b");
                fleet.shore("vacuum freeze other");
                fleet.sync("t");
                fleet.shore(
                        "begin; alter table t detach partition t_b;"
                                + " alter table t attach partition other for values in ('b'); update t set n = 1 where id <= 5; commit");

                fleet.syncer(largeness).sync(inSteps());

                fleet.assertSame("t");
                assertThat(fleet.onShip("select distinct n from t where region = 'b'"))
                        .containsExactly("7");
            }
        }
    }

    /** Also a round that proves nothing has seen which partitions there are. */
    @Test
    void g04AttachedOnceByWatermark() throws Exception {
        try (SyncFleet fleet = new SyncFleet()) {
            fleet.shore("create table t (id bigint, n int, at timestamptz not null) partition by range (id);"
                    + " create table t_a partition of t for values from (0) to (100)");
            fleet.ship(TIMED);
            fleet.shore("insert into t select i, 0, '2024-01-01Z'::timestamptz + i * interval '1 day'"
                    + " from generate_series(1, 40) i");
            fleet.sync(byWatermark());
            fleet.shore("create table t_b partition of t for values from (100) to (200);"
                    + " insert into t select i, 0, '2023-01-01Z' from generate_series(101, 120) i");
            assertThat(fleet.sync(byWatermark()).rowsWritten()).isGreaterThanOrEqualTo(20);
            fleet.assertSame("t");
            fleet.shore("insert into t values (130, 1, now())");

            SyncResult result = fleet.sync(byWatermark());

            assertThat(result.mode()).isEqualTo(SyncMode.TIMESTAMP);
            assertThat(result.rowsRead()).isLessThan(20);
            fleet.assertSame("t");
            fleet.shore("update t set n = 2 where id in (101, 131)");
            assertThat(fleet.sync("t").rowsWritten())
                    .as("as the proof finds it")
                    .isPositive();
            fleet.assertSame("t");
        }
    }

    @Test
    void g05Detach() throws Exception {
        try (SyncFleet fleet = partitioned()) {
            fleet.shore("alter table t detach partition t_b");

            assertThatThrownBy(() -> fleet.sync("t"))
                    .as("half of the rows are more than the brake allows")
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("20 of the 40 rows");
            assertThat(fleet.onShip("select count(*) from t")).containsExactly("40");
            SyncResult result = fleet.sync(withoutBrake("t"));

            assertThat(result.rowsDeleted()).isEqualTo(20);
            fleet.assertSame("t");
        }
    }

    @Test
    void g06PartitionMove() throws Exception {
        try (SyncFleet fleet = partitioned();
                SyncFleet.Writer late = fleet.writer()) {
            late.run("begin; update t set region = 'b' where id = 1");
            fleet.shore("update t set region = 'a' where id = 30");
            assertThat(fleet.sync("t").rowsWritten()).isEqualTo(1);
            late.run("commit");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(result.rowsWritten()).isEqualTo(1);
            assertThat(result.rowsDeleted()).isZero();
            fleet.assertSame("t");
        }
    }

    @Test
    void g07RenameSwap() throws Exception {
        try (SyncFleet fleet = withTable()) {
            // Filled and frozen before the last round, so that no xmin tells.
            fleet.shore("create table other (like t including all)");
            fleet.shore("insert into other select id, v, 5, filler from t where id <= 95");
            fleet.shore("vacuum freeze other");
            fleet.sync("t");
            fleet.shore("begin; alter table t rename to old; alter table other rename to t; commit");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.FULL);
            assertThat(result.reason()).contains("replaced");
            assertThat(result.rowsDeleted()).isEqualTo(5);
            fleet.assertSame("t");
        }
    }

    /** As above, after the round has seen that it is a large one, and before its first step. */
    @Test
    void g07RenameSwapBeforeTheFirstStep() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer writer = fleet.writer()) {
            fleet.shore("create table other (like t including all)");
            fleet.shore("insert into other select id, v, 5, filler from t where id <= 95");
            fleet.shore("vacuum freeze other");
            fleet.sync("t");
            fleet.shore("update t set n = 1 where id <= 50");
            AtomicReference<CompletableFuture<?>> swap = new AtomicReference<>();
            StoppableWork work = new StoppableWork("sync test").onProgress(progress -> {
                if (swap.get() == null && "scan".equals(progress.stage())) {
                    // It gets its lock when the round's view is closed, which is before the steps' own one is opened.
                    swap.set(CompletableFuture.runAsync(() -> swapTables(writer)));
                    awaitWaiting(fleet);
                }
            });

            fleet.syncer(work, new Largeness(1, 1)).sync(inSteps());

            assertThat(swap.get()).isNotNull();
            swap.get().get();
            fleet.assertSame("t");
        }
    }

    private static void swapTables(SyncFleet.Writer writer) {
        try {
            writer.run("begin; alter table t rename to old; alter table other rename to t; commit");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SyncPlan byWatermark() {
        return plan("t")
                .with(o -> o.withMode(SyncMode.TIMESTAMP).withWatermark("at").withOverlap(Duration.ZERO));
    }

    private static SyncPlan inSteps() {
        return withoutBrake("t").with(o -> o.withPace(Pace.FREE.withBatch(10L)));
    }

    /** The default of a new column shows in rows that nobody has written. */
    @Test
    void g08FastDefault() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.shore("alter table t add column c int default 7");
            assertThatThrownBy(() -> fleet.sync("t"))
                    .isInstanceOfSatisfying(
                            OperatorException.class, e -> assertThat(e.hint()).contains("followColumns"))
                    .hasMessageContaining("column c");
            assertThat(fleet.onShip("select count(*) from t")).containsExactly("100");

            SyncResult result = fleet.sync(plan("t").with(o -> o.withFollowColumns(true)));

            assertThat(result.mode()).isEqualTo(SyncMode.FULL);
            fleet.assertSame("t");
            assertThat(fleet.onShip("select distinct c from t")).containsExactly("7");
        }
    }

    /** As above, with a target that an operator has changed already. */
    @Test
    void g08FastDefaultOfAColumnThatTheTargetHas() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.shore("alter table t add column c int default 7");
            fleet.ship("alter table t add column c int");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.FULL);
            fleet.assertSame("t");
            fleet.both("alter table t drop column c");
            fleet.both("alter table t add column c int default 8");
            fleet.ship("update t set c = null");
            assertThat(fleet.sync("t").mode()).isEqualTo(SyncMode.FULL);
            fleet.assertSame("t");
        }
    }

    /** Rows that a policy hides are not rows that are gone. */
    @Test
    void g09Rls() throws Exception {
        String reader = "sync_reader_" + ProcessHandle.current().pid();
        try (SyncFleet owner = withTable()) {
            owner.shore("create role " + reader + " login; grant select on t to " + reader);
            try (SyncFleet fleet = new SyncFleet(owner.fleet().loggingInAs(reader, "postgres"))) {
                fleet.sync("t");
                owner.shore("alter table t enable row level security; create policy half on t using (id <= 50)");

                assertThatThrownBy(() -> fleet.sync(withoutBrake("t")))
                        .isInstanceOfSatisfying(
                                OperatorException.class,
                                e -> assertThat(e.hint()).isNotEmpty())
                        .hasMessageContaining("row security hides rows of public.t");

                assertThat(owner.onShip("select count(*) from t")).containsExactly("100");
                owner.shore("update t set n = 5 where id = 99; alter table t disable row level security");
                fleet.sync("t");
                owner.assertSame("t");
            } finally {
                owner.shore("drop owned by " + reader + "; drop role " + reader);
            }
        }
    }

    @Test
    void g10PlannedSwitchover() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet fleet = withTable(SyncFleet.of(servers))) {
            fleet.shore("update t set n = 1 where id = 1");
            servers.switchOver();
            try (SyncFleet promoted = fleet.from(servers.primary())) {
                promoted.shore("update t set n = 2 where id = 2; delete from t where id = 3");

                SyncResult result = promoted.sync("t");

                assertThat(result.mode()).as(result.reason()).isEqualTo(SyncMode.XMIN);
                assertThat(result.rowsWritten()).isEqualTo(2);
                promoted.assertSame("t");
            }
        }
    }

    /** What was synced and then lost has xids that the new primary gives to others. */
    @Test
    void g11FailoverWithLostCommits() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet fleet = withTable(SyncFleet.of(servers))) {
            servers.cutReplication();
            fleet.shore(
                    "update t set n = 1 where id = 1; delete from t where id = 2; insert into t values (1000, 1000, 1, 'lost')");
            fleet.shore("update t set n = 9 where id in (9, 10)");
            fleet.sync("t");
            fleet.assertSame("t");
            servers.failOver();
            try (SyncFleet promoted = fleet.from(servers.primary())) {
                for (int i = 0; i < 20; i++) {
                    promoted.shore("update t set n = 3 where id = " + (30 + i));
                }

                SyncResult result = promoted.sync("t");

                assertThat(result.mode()).isEqualTo(SyncMode.FULL);
                assertThat(result.reason()).contains("promoted");
                promoted.assertSame("t");
                assertThat(promoted.onShip("select id, n from t where id in (1, 2, 9, 1000) order by id"))
                        .containsExactly("1|0", "2|0", "9|0");
            }
        }
    }

    /** As above, of what a round by watermark has brought: such a round proves nothing, but it says how far it has read. */
    @Test
    void g11FailoverWithLostCommitsThatAWatermarkShowed() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet fleet = SyncFleet.of(servers)) {
            fleet.both(TIMED);
            fleet.shore("insert into t select i, 0, '2024-01-01Z' from generate_series(1, 100) i");
            fleet.sync(byWatermark());
            servers.cutReplication();
            fleet.shore("update t set n = 1, at = now() where id = 1");
            assertThat(fleet.sync(byWatermark()).mode()).isEqualTo(SyncMode.TIMESTAMP);
            fleet.assertSame("t");
            servers.failOver();
            try (SyncFleet promoted = fleet.from(servers.primary())) {
                SyncResult result = promoted.sync(byWatermark());

                assertThat(result.mode()).isEqualTo(SyncMode.FULL);
                assertThat(result.reason()).contains("promoted");
                promoted.assertSame("t");
            }
        }
    }

    /** Whoever goes on with the steps, or gives them up, knows up to where they have read. */
    @Test
    void g11FailoverWithLostCommitsBetweenTwoSteps() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet fleet = withTable(SyncFleet.of(servers))) {
            servers.cutReplication();
            fleet.shore("update t set n = 1");
            Work work = new StoppedBetweenSteps(fleet.fleet(), 3);
            assertThatThrownBy(() -> fleet.syncer(work, new Largeness(1, 1)).sync(inSteps()))
                    .isInstanceOf(WorkCancelledException.class);
            servers.failOver();
            try (SyncFleet promoted = fleet.from(servers.primary())) {
                SyncResult result = promoted.syncer(new Largeness(1, 1)).sync(inSteps());

                assertThat(result.reason()).contains("promoted");
                promoted.assertSame("t");
            }
        }
    }

    @Test
    void g12StorageRollback() throws Exception {
        SourceCluster servers = cluster();
        LocalServer primary = servers.primary();
        Path data = primary.data();
        Path copy = data.resolveSibling("earlier");
        try (SyncFleet fleet = withTable(SyncFleet.of(servers))) {
            primary.stop();
            SourceCluster.runAsOwnerOf(primary, "cp", "-a", data.toString(), copy.toString());
            primary.start();
            for (int i = 1; i <= 20; i++) {
                fleet.shore("update t set n = 1 where id = " + i);
            }
            fleet.shore("delete from t where id = 50");
            fleet.sync("t");
            primary.stop();
            SourceCluster.runAsOwnerOf(
                    primary, "sh", "-c", "rm -rf '" + data + "'/* && cp -a '" + copy + "'/. '" + data + "'");
            primary.start();
            fleet.shore("update t set n = 2 where id = 60");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.FULL);
            assertThat(result.reason()).contains("set back");
            fleet.assertSame("t");
        }
    }

    /** A cluster of another identity, whose rows have the xmins they had. */
    @Test
    void g13PgUpgrade() throws Exception {
        Path folder = Files.createTempDirectory("watchkeeper-upgraded");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (LocalServer old = TestServers.own(Map.of());
                LocalServer upgraded = LocalServer.create(TestServers.binaries(), folder, Map.of());
                SyncFleet fleet = withTable(new SyncFleet(old, TestServers.ship()))) {
            fleet.shore("update t set n = 1 where id = 1; delete from t where id = 2");
            fleet.sync("t");
            fleet.shore("update t set n = 3 where id = 3; delete from t where id = 4");
            old.stop();
            upgraded.stop();
            String bin = TestServers.binaries().folder().toString();
            SourceCluster.runAsOwnerOf(
                    upgraded,
                    TestServers.binaries().program("pg_upgrade").toString(),
                    "--old-bindir=" + bin,
                    "--new-bindir=" + bin,
                    "--old-datadir=" + old.data(),
                    "--new-datadir=" + upgraded.data(),
                    "--username=postgres",
                    "--socketdir=" + folder);
            upgraded.start();
            try (SyncFleet after = fleet.from(upgraded)) {
                after.shore("update t set n = 5 where id = 5");

                SyncResult result = after.sync("t");

                assertThat(result.mode()).isEqualTo(SyncMode.FULL);
                assertThat(result.reason()).contains("another database");
                assertThat(result.rowsWritten()).isEqualTo(2);
                assertThat(result.rowsDeleted()).isEqualTo(1);
                after.assertSame("t");
            }
        }
    }

    /** A database of the same name, whose rows have other xmins. */
    @Test
    void g14DumpAndRestore() throws Exception {
        String restored = TestServers.freshDatabase(TestServers.shore());
        try (SyncFleet fleet = withTable()) {
            fleet.shore("delete from t where id = 4");
            fleet.sync("t");
            fleet.shore("update t set n = 3 where id = 3");
            String url = fleet.fleet().login("shore").url();
            String original = url.substring(url.lastIndexOf('/') + 1);
            int port = TestServers.shore().port();
            SourceCluster.runAsOwnerOf(
                    TestServers.shore(),
                    "sh",
                    "-c",
                    "'" + TestServers.binaries().program("pg_dump") + "' -h 127.0.0.1 -p " + port + " -U postgres "
                            + original + " | '" + TestServers.binaries().program("psql") + "' -q -h 127.0.0.1 -p "
                            + port + " -U postgres " + restored);
            TestServers.execute(
                    TestServers.shore(),
                    "postgres",
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + original + "'");
            TestServers.execute(
                    TestServers.shore(), "postgres", "alter database " + original + " rename to " + original + "_old");
            TestServers.execute(
                    TestServers.shore(), "postgres", "alter database " + restored + " rename to " + original);
            fleet.shore("update t set n = 5 where id = 5");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.FULL);
            assertThat(result.reason()).contains("another database");
            assertThat(result.rowsWritten()).isEqualTo(2);
            fleet.assertSame("t");
        }
    }

    /** After one was imported, a standby showed 1000 of 1201 committed rows. */
    @Test
    void g15NoImportedSnapshotOnAStandby() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet primary = withTable(SyncFleet.of(servers));
                SyncFleet standby = primary.from(servers.standby());
                SyncFleet.Writer writer = primary.writer()) {
            standby.shore("alter system set log_statement = 'all'");
            standby.shore("select pg_reload_conf()");
            writer.run("begin");
            for (int i = 1; i <= 100; i++) {
                writer.run("savepoint s; insert into t values (" + (1000 + i) + ", " + (1000 + i) + ", 0, 'sub')");
            }
            servers.awaitReplay();
            standby.sync("t");
            writer.run("commit");
            servers.awaitReplay();

            standby.sync("t");

            standby.assertSame("t");
            assertThat(standby.onShip("select count(*) from t")).containsExactly("200");
            assertThat(Files.readString(servers.standby().data().resolveSibling("server.log"))
                            .toLowerCase(java.util.Locale.ROOT))
                    .contains("repeatable read")
                    .doesNotContain("pg_export_snapshot")
                    .doesNotContain("transaction snapshot");
            assertThatThrownBy(() -> standby.syncer().syncInSnapshot(plan("t"), "00000003-0000001B-1"))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("standby");
        }
    }

    @Test
    void g16ViewAndForeignTableRefused() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.shore("create view w as select * from t; create extension postgres_fdw;"
                    + " create server elsewhere foreign data wrapper postgres_fdw;"
                    + " create foreign table f (id bigint, v bigint) server elsewhere; create table nokey (a int)");
            fleet.ship("create table w (id bigint primary key, v bigint, n int, filler text);"
                    + " create table f (id bigint primary key, v bigint); create table nokey (a int)");
            for (String table : new String[] {"w", "f"}) {
                assertThatThrownBy(() -> fleet.sync(table))
                        .as(table)
                        .isInstanceOfSatisfying(
                                OperatorException.class,
                                e -> assertThat(e.hint()).isNotEmpty());
            }
            assertThatThrownBy(() -> fleet.sync("nokey"))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("no primary key");
            fleet.shore("insert into nokey values (1), (1), (2)");
            fleet.sync(plan("nokey").with(o -> o.withMode(SyncMode.FULL)));
            fleet.assertSame("nokey");
        }
    }

    /** A standby that must not fall behind cancels whoever still needs what the primary has vacuumed away. */
    @Test
    void g17StandbyConflictCancel() throws Exception {
        SourceCluster servers = cluster();
        servers.standby();
        try (SyncFleet primary = withTable(SyncFleet.of(servers));
                SyncFleet standby = primary.from(servers.standby())) {
            standby.shore("alter system set max_standby_streaming_delay = 0");
            standby.shore("select pg_reload_conf()");
            primary.shore("update t set n = n + 1 where id <= 50");
            servers.awaitReplay();
            AtomicBoolean done = new AtomicBoolean();
            StoppableWork work = new StoppableWork("sync test").onProgress(progress -> {
                if (done.compareAndSet(false, true)) {
                    primary.shore("update t set n = n + 1 where id <= 60");
                    primary.shore("vacuum full t");
                    servers.awaitReplay();
                }
            });

            SyncResult result = standby.syncer(work).sync(plan("t"));

            assertThat(done).isTrue();
            assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
            standby.sync("t");
            standby.assertSame("t");
        }
    }

    private static SyncFleet partitioned() throws Exception {
        SyncFleet fleet = new SyncFleet();
        fleet.shore(PARTITIONED);
        fleet.shore(
                "create table t_a partition of t for values in ('a'); create table t_b partition of t for values in ('b')");
        fleet.ship(PLAIN);
        fleet.shore("insert into t select i, case when i <= 20 then 'a' else 'b' end, 0 from generate_series(1, 40) i");
        assertThat(fleet.sync("t").rowsWritten()).isEqualTo(40);
        fleet.assertSame("t");
        return fleet;
    }

    private static CompletableFuture<SyncResult> start(SyncFleet fleet, SyncPlan plan) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return fleet.sync(plan);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** Until somebody waits for a lock on the source. */
    private static void awaitWaiting(SyncFleet fleet) {
        await().atMost(Duration.ofSeconds(10))
                .until(() -> !fleet.onShore("select 1 from pg_locks l join pg_database d on d.oid = l.database"
                                + " where d.datname = current_database() and not granted")
                        .isEmpty());
    }
}
