package io.watchkeeper.toolkit.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.SourceCluster;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.copy.CopyPlan;
import io.watchkeeper.toolkit.copy.CopyStrategy;
import io.watchkeeper.toolkit.copy.TableCopier;
import io.watchkeeper.toolkit.copy.TableSetCopier;
import io.watchkeeper.toolkit.copy.TableSetPlan;
import io.watchkeeper.toolkit.copy.TableSetResult;
import io.watchkeeper.toolkit.sync.PendingRows;
import io.watchkeeper.toolkit.sync.SyncMode;
import io.watchkeeper.toolkit.sync.SyncPlan;
import io.watchkeeper.toolkit.sync.SyncResult;
import io.watchkeeper.toolkit.sync.TableSyncer;
import io.watchkeeper.toolkit.verify.Repair;
import io.watchkeeper.toolkit.verify.TableVerifier;
import io.watchkeeper.toolkit.verify.VerifyPlan;
import io.watchkeeper.toolkit.verify.VerifyResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** The streaming cases of the method's catalogue, each on real servers. */
@Timeout(180)
class StreamCatalogueTest {

    private static final String TABLE =
            "create sequence ids; create table t (id bigint primary key, n int, filler text)";
    private static final String ROWS =
            "insert into t select nextval('ids'), 0, repeat('r', 50) from generate_series(1, 2000)";

    /** Keeps hardly any log for slots. */
    private static LocalServer shore;

    /** Answers before it has written. */
    private static LocalServer ship;

    private StreamFleet fleet;

    @BeforeAll
    static void start() {
        shore = TestServers.own(
                Map.of("max_slot_wal_keep_size", "'1MB'", "max_wal_size", "'48MB'", "min_wal_size", "'32MB'"));
        ship = TestServers.own(Map.of(
                "synchronous_commit", "off",
                "wal_retrieve_retry_interval", "'200ms'",
                "wal_receiver_status_interval", "1",
                "autovacuum", "off"));
    }

    @AfterAll
    static void stop() {
        ship.delete();
        shore.delete();
    }

    @BeforeEach
    void openFleet() {
        fleet = new StreamFleet(TestServers.shore(), ship);
        fill();
    }

    private void openForgetful() {
        fleet.close();
        fleet = new StreamFleet(shore, ship);
        fill();
    }

    private void fill() {
        fleet.both(TABLE);
        fleet.on("shore", ROWS);
    }

    @AfterEach
    void close() {
        fleet.on("ship", "alter system reset wal_writer_delay");
        fleet.on("ship", "select pg_reload_conf()");
        fleet.close();
    }

    /** What is committed aboard stays in memory for long. */
    private void writeLate() {
        fleet.on("ship", "alter system set wal_writer_delay = '10s'");
        fleet.on("ship", "select pg_reload_conf()");
    }

    private void assertEqual() {
        assertThat(fleet.differences()).isEmpty();
        assertThat(fleet.value("ship", "select count(*) > 0 from t")).isEqualTo("t");
    }

    @Test
    void s01ApplierKilled() throws Exception {
        fleet.stream();
        try (SteadyWriters writers = new SteadyWriters(fleet.login("shore"), 1)) {
            for (int i = 0; i < 5; i++) {
                long before = writers.transactions.get();
                await().until(() -> writers.transactions.get() > before + 20);
                fleet.on("ship", "select pg_terminate_backend(pid) from pg_stat_subscription where pid is not null");
            }
        }
        StreamResult result = fleet.provision(StreamFleet.PLAN);
        assertThat(result.state()).isEqualTo(StreamState.STREAMING);
        assertThat(result.problem()).isEmpty();
        fleet.awaitCaughtUp();
        assertEqual();
    }

    @Test
    void s02TargetCrash() throws Exception {
        fleet.stream();
        writeLate();
        try (SteadyWriters writers = new SteadyWriters(fleet.login("shore"), 2)) {
            for (int i = 0; i < 2; i++) {
                long before = writers.transactions.get();
                await().until(() -> writers.transactions.get() > before + 100);
                ship.crash();
                ship.start();
            }
        }
        fleet.on("ship", "alter system reset wal_writer_delay");
        fleet.on("ship", "select pg_reload_conf()");
        fleet.awaitCaughtUp();
        assertEqual();
        assertThat(fleet.provision(StreamFleet.PLAN).state()).isEqualTo(StreamState.STREAMING);
    }

    @Test
    void s03AsyncCommitRefused() throws Exception {
        fleet.stream();
        writeLate();
        for (int i = 0; i < 50; i++) {
            fleet.on("shore", "update t set n = n + 1 where id = 1");
        }
        await().until(() -> fleet.value("ship", "select n from t where id = 1").equals("50"));
        // Applied and visible, and perhaps on no disk yet: what is read as the position must be on it.
        Lsn position = fleet.subscription().progress();
        ship.crash();
        ship.start();
        fleet.on("ship", "alter system reset wal_writer_delay");
        fleet.on("ship", "select pg_reload_conf()");
        assertThat(fleet.subscription().progress()).isGreaterThanOrEqualTo(position);
        fleet.awaitCaughtUp();
        assertEqual();
    }

    @Test
    void s04UnchangedToast() throws Exception {
        fleet.both("alter table t alter filler set storage external");
        fleet.on("shore", "update t set filler = repeat('toast', 5000) where id = 7");
        fleet.stream();
        fleet.on("shore", "update t set n = 42 where id = 7");
        fleet.awaitCaughtUp();
        assertThat(fleet.value("ship", "select n, length(filler) from t where id = 7"))
                .isEqualTo("42|25000");
        assertEqual();
    }

    @Test
    void s05Truncate() throws Exception {
        fleet.stream();
        fleet.on("shore", "truncate t; insert into t values (1, 1, 'only')");
        fleet.awaitCaughtUp();
        assertThat(fleet.rows("ship", "select id, filler from t")).containsExactly("1|only");
    }

    @Test
    void s06IdleSlot() throws Exception {
        fleet.stream();
        fleet.on("shore", "create table unpublished (v text)");
        Lsn before = Objects.requireNonNull(fleet.provision(StreamFleet.PLAN).confirmed());
        fleet.on("shore", "insert into unpublished select repeat('x', 1000) from generate_series(1, 20000)");
        Lsn written =
                Lsn.parse(fleet.value("shore", "select pg_current_wal_lsn()")).orElseThrow();
        assertThat(written.minus(before)).isGreaterThan(16L << 20);
        // Nothing of it is for the subscriber, and still the slot lets go of it.
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            StreamResult result = fleet.provision(StreamFleet.PLAN);
            assertThat(result.confirmed()).isGreaterThanOrEqualTo(written);
            assertThat(result.lag().count()).isLessThan(1L << 20);
        });
        fleet.on("shore", "checkpoint");
        assertThat(fleet.provision(StreamFleet.PLAN).fields())
                .containsEntry("state", "streaming")
                .containsEntry("walStatus", "reserved")
                .containsKeys("retainedBytes", "confirmedLsn", "lagBytes");
    }

    @Test
    void s07SlotLostGoesOnByPolling() throws Exception {
        openForgetful();
        fleet.stream();
        fleet.on("shore", "delete from t where id <= 10; update t set n = 1 where id = 11");
        fleet.awaitCaughtUp();
        fleet.provision(StreamFleet.PLAN);
        fleet.on("ship", "alter subscription fleet_ship disable");
        fleet.on("shore", "delete from t where id between 20 and 29; update t set n = 2 where id = 30");
        for (int i = 0; i < 4; i++) {
            fleet.on("shore", "create table if not exists filler (v text); insert into filler values ('x')");
            fleet.on("shore", "select pg_switch_wal()");
            fleet.on("shore", "checkpoint");
        }
        assertThat(fleet.value(
                        "shore", "select wal_status from pg_replication_slots where database = current_database()"))
                .isEqualTo("lost");

        StreamResult result = fleet.provision(StreamFleet.PLAN);

        assertThat(result.state()).isEqualTo(StreamState.POLLING);
        assertThat(result.notes()).anyMatch(note -> note.contains("has lost log") && note.contains("HINT:"));
        assertThat(
                        fleet.rows(
                                "ship",
                                "select subname from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())"))
                .isEmpty();
        assertThat(fleet.rows(
                        "shore", "select slot_name from pg_replication_slots where database = current_database()"))
                .isEmpty();
        // From a mark, and so not everything is read again.
        assertThat(fleet.polling.marks.get(TableName.parse("t"))).isPresent();
        fleet.poll("t");
        assertEqual();
        // And back to a stream.
        assertThat(fleet.provision(StreamFleet.HANDOVER).state()).isEqualTo(StreamState.STREAMING);
        fleet.on("shore", "insert into t values (-1, 0, 'streamed again')");
        fleet.awaitCaughtUp();
        assertEqual();
    }

    /** What the ship has applied, and the new primary never had, lies beyond the sample that polling goes on from. */
    @Test
    void s07SlotLostInAFailoverThatLostCommits() throws Exception {
        try (SourceCluster servers = new SourceCluster(Map.of("wal_level", "logical"))) {
            servers.standby();
            StreamFleet before = new StreamFleet(servers.primary(), ship);
            before.both(TABLE);
            before.on("shore", ROWS);
            before.publish("t");
            before.ofTheVerb().provision(StreamFleet.HANDOVER);
            for (int i = 0; i < 2; i++) {
                before.awaitCaughtUp();
                before.provision(StreamFleet.PLAN);
            }
            servers.cutReplication();
            before.on("shore", "update t set n = 99 where id = 5; delete from t where id = 6");
            before.awaitCaughtUp();
            String database = before.value("shore", "select current_database()");
            servers.failOver();
            before.abandon();
            try (StreamFleet promoted =
                    new StreamFleet(TestServers.settings("shore", servers.primary(), database), before.login("ship"))) {
                StreamResult result = promoted.ofTheVerb().provision(StreamFleet.PLAN);

                assertThat(result.state()).isEqualTo(StreamState.POLLING);
                SyncResult round = new TableSyncer(promoted.shore(), promoted.ship(), StreamFleet.WORK)
                        .sync(SyncPlan.of(TableName.parse("t")));
                assertThat(promoted.differences()).isEmpty();
                assertThat(round.reason()).contains("promoted");
            }
        }
    }

    /** Nobody else's rows, which would be in the stream's way; and what is wrong is wrong, and not on its way with a round. */
    @Test
    void s12OnlyTheStreamWritesItsTables() throws Exception {
        fleet.sync("t");
        fleet.publish("t");
        fleet.ofTheVerb().provision(StreamFleet.HANDOVER);
        fleet.on("shore", "update t set n = 7 where id = 7");
        fleet.awaitCaughtUp();
        fleet.on("ship", "update t set n = -1 where id = 7");
        VerifyPlan verify = VerifyPlan.of(TableName.parse("t"));

        VerifyResult result = verifier().verify(verify);

        assertThat(result.differences()).isEqualTo(1);
        assertThatThrownBy(() -> verifier().verify(verify.with(o -> o.withRepair(Repair.APPLY))))
                .hasMessageContaining("is streamed by subscription fleet_ship");
        for (CopyStrategy strategy : List.of(CopyStrategy.TRUNCATE, CopyStrategy.MERGE, CopyStrategy.SWAP)) {
            CopyPlan copy = CopyPlan.of(TableName.parse("t")).with(o -> o.withStrategy(strategy));
            assertThatThrownBy(() -> new TableCopier(fleet.shore(), fleet.ship(), StreamFleet.WORK).copy(copy))
                    .hasMessageContaining("is streamed by subscription fleet_ship");
        }
        TableSetResult set = new TableSetCopier(fleet.shore(), fleet.ship(), StreamFleet.WORK)
                .copy(TableSetPlan.of(List.of("public.t"), List.of()));
        assertThat(set.failures())
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure.cause()).hasMessageContaining("is streamed by subscription fleet_ship"));
        assertThat(fleet.value("ship", "select n from t where id = 7")).isEqualTo("-1");
    }

    private TableVerifier verifier() {
        return new TableVerifier(fleet.shore(), fleet.ship(), StreamFleet.WORK, null, new PendingRows());
    }

    /** A slot of the cluster that was the source keeps its log until somebody drops it there. */
    @Test
    void s13SlotOfAnotherClusterIsNamed() throws Exception {
        String slot = fleet.stream().slot();
        fleet.on("ship", "update watchkeeper.subscriptions set system = '1'");

        StreamResult result = fleet.provision(StreamFleet.PLAN);

        assertThat(result.state()).isEqualTo(StreamState.POLLING);
        assertThat(result.notes()).anyMatch(note -> note.contains("pg_drop_replication_slot('" + slot + "')"));
    }

    @Test
    void s08SlotRecreatedIsDetected() throws Exception {
        String slot = fleet.stream().slot();
        fleet.provision(StreamFleet.PLAN);
        fleet.on("ship", "alter subscription fleet_ship disable");
        await().until(() -> fleet.value(
                        "shore", "select active from pg_replication_slots where slot_name = '" + slot + "'")
                .equals("f"));
        fleet.on("shore", "select pg_drop_replication_slot('" + slot + "')");
        fleet.on("shore", "update t set n = 99 where id = 5; delete from t where id = 6");
        fleet.on("shore", "select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
        // The worker streams on from the new slot, and nothing in the catalogue shows what it missed.
        fleet.on("ship", "alter subscription fleet_ship enable");
        fleet.on("shore", "update t set n = 100 where id = 7");
        fleet.awaitCaughtUp();
        assertThat(fleet.differences()).isNotEmpty();

        StreamResult result = fleet.provision(StreamFleet.PLAN);

        assertThat(result.state()).isEqualTo(StreamState.POLLING);
        assertThat(result.notes()).anyMatch(note -> note.contains("was dropped and made again"));
        fleet.poll("t");
        assertEqual();
    }

    @Test
    void s08SlotRecreatedIsDetectedWithoutStatistics() throws Exception {
        String slot = fleet.stream().slot();
        fleet.on("ship", "update watchkeeper.subscriptions set slot_since = null, statistics_since = 'a crash ago'");
        fleet.on("ship", "alter subscription fleet_ship disable");
        await().until(() -> fleet.value(
                        "shore", "select active from pg_replication_slots where slot_name = '" + slot + "'")
                .equals("f"));
        fleet.on("shore", "select pg_drop_replication_slot('" + slot + "'); update t set n = 99 where id = 5");
        fleet.on("shore", "select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");

        StreamResult result = fleet.provision(StreamFleet.PLAN);

        assertThat(result.state()).isEqualTo(StreamState.POLLING);
        assertThat(result.notes()).anyMatch(note -> note.contains("beyond what the subscription has"));
        fleet.poll("t");
        assertEqual();
    }

    @Test
    void s09HandoverWithoutAGap() throws Exception {
        fleet.publish("t");
        SubscriptionProvisioner provisioner = fleet.ofTheVerb();
        try (SteadyWriters writers = new SteadyWriters(fleet.login("shore"), 9)) {
            for (int i = 0; i < 4; i++) {
                long start = writers.transactions.get();
                await().until(() -> writers.transactions.get() > start + 50);
                // Back from the stream: the round finds everything that it did not bring.
                SyncResult round = fleet.sync("t");
                assertThat(round.verified()).isTrue();
                assertThat(round.mode()).isEqualTo(i == 0 ? SyncMode.FULL : SyncMode.XMIN);
                StreamResult made = provisioner.provision(StreamFleet.HANDOVER);
                assertThat(made.created()).isTrue();
                assertThat(made.state()).isEqualTo(StreamState.STREAMING);
                assertThatThrownBy(() -> fleet.sync("t"))
                        .hasMessageContaining("is streamed by subscription fleet_ship");
                long before = writers.transactions.get();
                await().until(() -> writers.transactions.get() > before + 50);
                if (i % 2 == 0) {
                    provisioner.provision(StreamFleet.HANDOVER);
                }
                if (i < 3) {
                    assertThat(provisioner.handBack(StreamFleet.HANDOVER).state())
                            .isEqualTo(StreamState.POLLING);
                }
            }
        }
        fleet.awaitCaughtUp();
        assertEqual();
        assertThat(fleet.subscription().applyErrors()).isZero();
    }

    /**
     * Where a slot waits for transactions one after the other, its snapshot's xmax is below its xmin: it is that of the last commit the slot
     * has tracked, and those committed before are known to be over by the xmin alone.
     */
    @Test
    void s09HandoverWhoseSlotWaitedTwice() throws Exception {
        fleet.publish("t");
        fleet.sync("t");
        CompletableFuture<StreamResult> making;
        try (Connection first = writing(1);
                Connection last = TestServers.connect(fleet.login("shore"))) {
            making = CompletableFuture.supplyAsync(this::handOver);
            awaitWaitFor(first);
            try (Connection second = writing(2)) {
                fleet.on("shore", "update t set n = 1 where id between 100 and 109");
                first.commit();
                awaitWaitFor(second);
                last.setAutoCommit(false);
                write(last, 3);
                second.commit();
                assertThat(making.get().state()).isEqualTo(StreamState.STREAMING);
            }
            last.commit();
        }
        fleet.awaitCaughtUp();
        assertEqual();
    }

    private StreamResult handOver() {
        try {
            return fleet.ofTheVerb().provision(StreamFleet.HANDOVER);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A transaction of the shore's that has changed a row, and is open. */
    private Connection writing(long id) throws SQLException {
        Connection connection = TestServers.connect(fleet.login("shore"));
        connection.setAutoCommit(false);
        write(connection, id);
        return connection;
    }

    private static void write(Connection connection, long id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("update t set n = 1 where id = " + id);
        }
    }

    private void awaitWaitFor(Connection writer) throws SQLException {
        int pid = writer.unwrap(PGConnection.class).getBackendPID();
        await().until(() -> fleet.value(
                        "shore",
                        "select exists (select from pg_locks w join pg_locks h using (locktype, transactionid) where h.pid = "
                                + pid + " and h.granted and locktype = 'transactionid' and not w.granted)")
                .equals("t"));
    }

    /** The steps as their progress calls them; each is said before it is taken. */
    @ParameterizedTest
    @ValueSource(strings = {"slot", "subscription"})
    void s09HandoverWithoutAGapWhereTheAgentDies(String step) throws Exception {
        dieAt(step);
    }

    @Tag("campaign")
    @ParameterizedTest
    @ValueSource(strings = {"record", "last round", "finished"})
    void s09HandoverWithoutAGapWhereTheAgentDiesElsewhere(String step) throws Exception {
        dieAt(step);
    }

    private void dieAt(String step) throws Exception {
        fleet.publish("t");
        try (SteadyWriters writers = new SteadyWriters(fleet.login("shore"), 90)) {
            await().until(() -> writers.transactions.get() > 50);
            try (OtherProcess agent = OtherProcess.start(
                    KilledHandover.class,
                    fleet.login("shore").url(),
                    fleet.login("ship").url(),
                    step)) {
                assertThat(agent.readLine()).isNull();
            }
            StreamResult result = fleet.ofTheVerb().provision(StreamFleet.HANDOVER);
            assertThat(result.state()).isEqualTo(StreamState.STREAMING);
            assertThat(result.created()).isEqualTo(!step.equals("finished"));
            long before = writers.transactions.get();
            await().until(() -> writers.transactions.get() > before + 50);
        }
        fleet.awaitCaughtUp();
        assertEqual();
        assertThat(fleet.rows(
                        "shore", "select slot_name from pg_replication_slots where database = current_database()"))
                .hasSize(1);
    }

    @Test
    void s09WhatADeadAgentLeftIsSweptWhereNobodyGoesOn() throws Exception {
        fleet.publish("t");
        try (OtherProcess agent = OtherProcess.start(
                KilledHandover.class,
                fleet.login("shore").url(),
                fleet.login("ship").url(),
                "subscription")) {
            assertThat(agent.readLine()).isNull();
        }
        assertThat(fleet.rows(
                        "shore", "select slot_name from pg_replication_slots where database = current_database()"))
                .hasSize(1);
        new StreamSweep(List.of(fleet.shore(), fleet.ship())).sweep();
        assertThat(fleet.rows(
                        "shore", "select slot_name from pg_replication_slots where database = current_database()"))
                .isEmpty();
        assertThat(fleet.rows("ship", "select name from watchkeeper.subscriptions"))
                .isEmpty();
    }

    @Test
    void s10NoReplicaIdentity() {
        fleet.both("create table log (line text); create table nothing (id int primary key)");
        fleet.on("shore", "alter table nothing replica identity nothing");
        assertThatThrownBy(() -> fleet.publish("public.*"))
                .asInstanceOf(type(OperatorException.class))
                .satisfies(e -> {
                    assertThat(e)
                            .hasMessageContaining("UPDATE and DELETE would fail")
                            .hasMessageContaining("log, public.nothing");
                    assertThat(e.hint()).contains("ALTER TABLE public.log REPLICA IDENTITY FULL");
                });
        assertThat(fleet.rows("shore", "select pubname from pg_publication")).isEmpty();
    }

    @Test
    void s11DdlDriftHalts() throws Exception {
        fleet.stream();
        fleet.on("shore", "alter table t add column shade text; alter table t alter n type text");
        fleet.on("shore", "insert into t values (-1, 'x', '', 'red')");

        StreamResult result = fleet.provision(StreamFleet.PLAN);

        assertThat(result.state()).isEqualTo(StreamState.HALTED);
        assertThat(result.problem()).get().satisfies(e -> {
            assertThat(e)
                    .hasMessageContaining("public.t has no column shade in 'ship'")
                    .hasMessageContaining("public.t.n is text");
            assertThat(e.hint()).contains("ALTER TABLE public.t ADD COLUMN shade text;");
        });
        assertThat(fleet.subscription().enabled()).isFalse();

        fleet.on("ship", "alter table t add column shade text; alter table t alter n type text");
        assertThat(fleet.provision(StreamFleet.PLAN).state()).isEqualTo(StreamState.STREAMING);
        fleet.awaitCaughtUp();
        assertEqual();
    }

    @Test
    void s11DdlDriftIsFoundBeforeAnythingIsMade() throws Exception {
        fleet.on("ship", "alter table t drop column filler");
        fleet.publish("t");
        assertThatThrownBy(() -> fleet.provision(StreamFleet.HANDOVER))
                .asInstanceOf(type(OperatorException.class))
                .satisfies(e -> {
                    assertThat(e).hasMessageContaining("public.t has no column filler in 'ship'");
                    assertThat(e.hint()).contains("ADD COLUMN filler text");
                });
        assertThat(fleet.rows(
                        "shore", "select slot_name from pg_replication_slots where database = current_database()"))
                .isEmpty();
        assertThat(fleet.rows("ship", "select * from watchkeeper.subscriptions"))
                .isEmpty();
    }
}
