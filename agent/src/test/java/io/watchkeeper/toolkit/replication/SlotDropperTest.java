package io.watchkeeper.toolkit.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** On a server with slots of all kinds; time is the test's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlotDropperTest {

    private static final Work WORK = Work.unattended("test");
    private static final Bytes SOME = Bytes.kilobytes(100);

    private LocalServer primary;
    private LocalServer subscriber;
    private DatabasePools pools;
    private final SteppedClock clock = new SteppedClock(Instant.parse("2026-05-01T00:00:00Z"));

    @TempDir
    private Path state;

    private ReplicationSight sight;

    @BeforeAll
    void start() {
        primary = TestServers.own(Map.of("max_wal_senders", "20", "max_replication_slots", "20"));
        subscriber = TestServers.own(Map.of());
        TestServers.execute(
                primary,
                "postgres",
                "create table numbers (n int); create role slot_watcher login; grant pg_monitor to slot_watcher");
        pools = new DatabasePools(List.of(
                settings("shore", primary, "postgres", null),
                // Never reached: at sea.
                new DatabaseSettings("ship_7", "jdbc:postgresql://127.0.0.1:1/app", "x", null, 1, "shore", true),
                settings("reports", subscriber, "postgres", null),
                settings("watcher", primary, "slot_watcher", null)));
    }

    @AfterAll
    void stop() {
        pools.close();
        subscriber.close();
        primary.close();
    }

    @BeforeEach
    void begin() {
        sight = new ReplicationSight(pools.all(), state, new ReplicationBoard(), clock);
    }

    @AfterEach
    void dropAll() {
        TestServers.execute(
                primary,
                "postgres",
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active");
    }

    @Test
    void dropsWhatNobodyReadsAndKeepsEveryOther() throws Exception {
        physical("leaked");
        physical("kept_by_name");
        physical("watchkeeper_ship_7");
        physical("watchkeeper_archive_host");
        physical("pgautofailover_standby_3");
        physical("in_use");
        TestServers.execute(
                primary, "postgres", "select pg_create_logical_replication_slot('leaked_stream', 'pgoutput')");
        try (Connection reader = read("in_use");
                PGReplicationStream open = stream(reader, "in_use")) {
            sight.look(pools.database("shore"), WORK);
            clock.forward(Duration.ofHours(2));
            write();
            physical("young");
            write();

            SlotDropPlan plan = plan(List.of(new NameGlob("kept_*")), List.of());
            SlotDropResult described = dropper().decide(plan);
            assertThat(names(described)).containsExactly("leaked", "leaked_stream");
            assertThat(slots()).contains("leaked");

            SlotDropResult result = dropper().drop(plan);
            assertThat(names(result)).containsExactly("leaked", "leaked_stream");
            assertThat(slots())
                    .containsExactly(
                            "in_use",
                            "kept_by_name",
                            "pgautofailover_standby_3",
                            "watchkeeper_archive_host",
                            "watchkeeper_ship_7",
                            "young");
            assertThat(result.alertText())
                    .contains(
                            "slot leaked of 'shore' was dropped: nobody reads it for 2 h",
                            "subscription of its reader");
            assertThat(reasons(result))
                    .containsEntry("in_use", "somebody reads it")
                    .containsEntry("kept_by_name", "it is on the keep list")
                    .containsEntry("pgautofailover_standby_3", "it is pg_auto_failover's, for which no budget is set")
                    .containsEntry("watchkeeper_ship_7", "it is that of 'ship_7', for which no budget is set")
                    .hasEntrySatisfying("young", why -> assertThat(why).contains("less than 30 min"));
            assertThat(open.isClosed()).isFalse();
        }
    }

    @Test
    void slotOfAShipStaysWithinItsBudgetAndGoesBeyondIt() throws Exception {
        physical("watchkeeper_ship_7");
        sight.look(pools.database("shore"), WORK);
        clock.forward(Duration.ofDays(5));
        write();
        NameGlob ships = new NameGlob("watchkeeper_ship_*");
        SlotDropPlan roomy = plan(List.of(), List.of(new SlotDropPlan.Budget(ships, Bytes.gigabytes(1))));
        assertThat(names(dropper().drop(roomy))).isEmpty();
        SlotDropPlan tight = plan(List.of(), List.of(new SlotDropPlan.Budget(ships, SOME)));
        SlotDropResult result = dropper().drop(tight);
        assertThat(names(result)).containsExactly("watchkeeper_ship_7");
        assertThat(result.alertText()).contains("its budget of 100 KB", "'ship_7' can go on only from archived log");
        assertThat(result.freed().count()).isGreaterThan(SOME.count());
    }

    /** Its database says which slot it reads, and that is remembered when it cannot be reached any more. */
    @Test
    void slotOfAConfiguredSubscriberStays() throws Exception {
        TestServers.execute(
                primary, "postgres", "select pg_create_logical_replication_slot('report_stream', 'pgoutput')");
        TestServers.execute(
                subscriber,
                "postgres",
                "create subscription reporting connection 'host=127.0.0.1 port=1' publication none"
                        + " with (connect = false, slot_name = 'report_stream')");
        sight.look(pools.database("reports"), WORK);
        sight.look(pools.database("shore"), WORK);
        clock.forward(Duration.ofHours(2));
        write();
        ReplicationSight later = new ReplicationSight(pools.all(), state, new ReplicationBoard(), clock);
        SlotDropResult result = new SlotDropper(later, pools.database("shore"), WORK).drop(plan(List.of(), List.of()));
        assertThat(names(result)).isEmpty();
        assertThat(reasons(result))
                .containsEntry("report_stream", "it is that of 'reports', for which no budget is set");
    }

    @Test
    void ofTwoAgentsAtOnceOneDropsAndTheOtherSaysSo() throws Exception {
        physical("leaked");
        sight.look(pools.database("shore"), WORK);
        clock.forward(Duration.ofHours(1));
        write();
        CyclicBarrier together = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Callable<SlotDropResult> agent = () -> {
                SlotDropper dropper = dropper();
                together.await();
                return dropper.drop(plan(List.of(), List.of()));
            };
            Future<SlotDropResult> one = threads.submit(agent);
            Future<SlotDropResult> other = threads.submit(agent);
            int dropped = names(one.get()).size() + names(other.get()).size();
            assertThat(dropped).isEqualTo(1);
            assertThat(slots()).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void roleThatMayNotDropSlotsIsToldWhatItNeeds() throws Exception {
        physical("leaked");
        sight.look(pools.database("watcher"), WORK);
        clock.forward(Duration.ofHours(1));
        write();
        assertThatThrownBy(
                        () -> new SlotDropper(sight, pools.database("watcher"), WORK).drop(plan(List.of(), List.of())))
                .isInstanceOfSatisfying(
                        OperatorException.class,
                        e -> assertThat(e.hint()).isEqualTo("ALTER ROLE slot_watcher REPLICATION;"));
    }

    private SlotDropper dropper() {
        return new SlotDropper(sight, pools.database("shore"), WORK);
    }

    private static SlotDropPlan plan(List<NameGlob> keep, List<SlotDropPlan.Budget> budgets) {
        return new SlotDropPlan(Duration.ofMinutes(30), SOME, keep, budgets);
    }

    private static List<String> names(SlotDropResult result) {
        return result.dropped().stream().map(SlotDecision::name).toList();
    }

    private static Map<String, String> reasons(SlotDropResult result) {
        return result.kept().stream()
                .collect(java.util.stream.Collectors.toMap(SlotDecision::name, SlotDecision::reason));
    }

    private Set<String> slots() throws Exception {
        return new TreeSet<>(sight.look(pools.database("shore"), WORK).slots().stream()
                .map(slot -> slot.name())
                .toList());
    }

    private void physical(String name) {
        TestServers.execute(primary, "postgres", "select pg_create_physical_replication_slot('" + name + "', true)");
    }

    private void write() {
        TestServers.execute(primary, "postgres", "insert into numbers select generate_series(1, 5000)");
    }

    private Connection read(String name) throws Exception {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, "postgres");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
        PGProperty.REPLICATION.set(properties, "true");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.APPLICATION_NAME.set(properties, name);
        return DriverManager.getConnection(primary.url("postgres"), properties);
    }

    private PGReplicationStream stream(Connection connection, String slot) throws Exception {
        String end;
        try (Session session = pools.database("shore").open(WORK)) {
            end = session.one("select pg_current_wal_lsn()::text", row -> row.getString(1));
        }
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .physical()
                .withSlotName(slot)
                .withStartPosition(LogSequenceNumber.valueOf(end))
                .start();
    }

    private static DatabaseSettings settings(
            String name, LocalServer server, String user, @org.jspecify.annotations.Nullable String standbyOf) {
        return new DatabaseSettings(name, server.url("postgres"), user, null, 4, standbyOf, true);
    }
}
