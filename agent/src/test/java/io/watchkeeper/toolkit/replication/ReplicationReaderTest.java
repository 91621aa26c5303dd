package io.watchkeeper.toolkit.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** On a primary, a standby, a standby of the standby, and a subscriber. Time is the test's: lag of hours takes no hours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplicationReaderTest {

    private static final Work WORK = Work.unattended("test");

    private LocalServer primary;
    private LocalServer standby;
    private LocalServer cascaded;
    private LocalServer subscriber;
    private DatabasePools pools;
    private final SteppedClock clock = new SteppedClock(Instant.parse("2026-05-01T00:00:00Z"));

    @TempDir
    private Path state;

    private ReplicationBoard board;
    private ReplicationSight sight;

    @BeforeAll
    void start() {
        primary = TestServers.own(Map.of("max_wal_senders", "20", "wal_receiver_status_interval", "1"));
        TestServers.execute(primary, "postgres", "create table numbers (n int primary key)");
        TestServers.execute(primary, "postgres", "create publication numbers_out for table numbers");
        standby = StandbyServers.of(primary);
        cascaded = StandbyServers.of(standby);
        subscriber = TestServers.own(Map.of("wal_receiver_status_interval", "1"));
        TestServers.execute(subscriber, "postgres", "create table numbers (n int primary key)");
        TestServers.execute(
                subscriber,
                "postgres",
                "create subscription reporting connection 'host=127.0.0.1 user=postgres port=" + primary.port()
                        + "' publication numbers_out");
        pools = new DatabasePools(List.of(
                settings("shore", primary, null),
                settings("ship", standby, "shore"),
                settings("ship-2", cascaded, "ship"),
                settings("reports", subscriber, null)));
    }

    @AfterAll
    void stop() {
        pools.close();
        subscriber.close();
        cascaded.close();
        standby.close();
        primary.close();
    }

    @BeforeEach
    void begin() throws Exception {
        board = new ReplicationBoard();
        sight = new ReplicationSight(pools.all(), state, board, clock);
        awaitCaughtUp();
    }

    @Test
    void idlePrimaryShowsNoLagOfEither() throws Exception {
        clock.forward(Duration.ofHours(3));
        ReplicatingServer server = look("shore");
        assertThat(server.replicas()).extracting(Replica::name).containsExactly("reporting", "ship");
        assertThat(server.replicas()).allSatisfy(replica -> {
            assertThat(replica.seconds()).isZero();
            assertThat(replica.bytes().replay()).isZero();
            assertThat(replica.isConnected()).isTrue();
        });
        Replica logical = server.replica("reporting").orElseThrow();
        assertThat(logical.kind()).isEqualTo(Replica.Kind.LOGICAL);
        assertThat(logical.slot()).isEqualTo("reporting");
        assertThat(server.standby()).isFalse();
        assertThat(server.walBytes()).isPositive();
        assertThat(board.server("shore")).contains(server);
    }

    @Test
    void pausedReplayGrowsWithTimeWhilePostgresOwnMeasureStandsStill() throws Exception {
        look("shore");
        StandbyServers.pauseReplay(standby);
        try {
            clock.forward(Duration.ofSeconds(10));
            write();
            look("shore");
            clock.forward(Duration.ofMinutes(9));
            Replica ship = look("shore").replica("ship").orElseThrow();
            assertThat(ship.seconds()).isBetween(540.0, 551.0);
            assertThat(ship.bytes().replay()).isPositive();
            ReplicatingServer end = look("ship");
            assertThat(end.standby()).isTrue();
            assertThat(end.receiver()).isNotNull().satisfies(receiver -> {
                assertThat(receiver.paused()).isTrue();
                assertThat(receiver.behindBytes()).isPositive();
                assertThat(receiver.from()).endsWith(":" + primary.port());
            });
            assertThat(end.conflicts()).containsKeys("snapshot", "lock").containsEntry("lock", 0L);
        } finally {
            TestServers.execute(standby, "postgres", "select pg_wal_replay_resume()");
        }
        awaitCaughtUp();
        assertThat(look("shore").replica("ship").orElseThrow().seconds()).isZero();
    }

    @Test
    void cascadingStandbyStandsUnderTheOneItReadsFrom() throws Exception {
        Replica second = look("ship").replica("ship-2").orElseThrow();
        assertThat(second.seconds()).isZero();
        assertThat(second.isConnected()).isTrue();
        assertThat(look("shore").replica("ship-2")).isEmpty();
    }

    @Test
    void standbyThatIsGoneStaysAndGrowsAndAnotherProcessTellsTheSame() throws Exception {
        look("shore");
        standby.stop();
        try {
            Awaitility.await()
                    .until(() -> !look("shore").replica("ship").orElseThrow().isConnected());
            Instant seen = look("shore").replica("ship").orElseThrow().seenAt();
            clock.forward(Duration.ofMinutes(20));
            write();
            Replica gone = look("shore").replica("ship").orElseThrow();
            assertThat(gone.connection()).isEqualTo("disconnected");
            assertThat(gone.seconds()).isBetween(1200.0, 1201.0);
            assertThat(gone.bytes().replay()).isPositive();
            clock.forward(Duration.ofMinutes(20));
            ReplicatingServer elsewhere = new ReplicationSight(pools.all(), state, new ReplicationBoard(), clock)
                    .look(pools.database("shore"), WORK);
            assertThat(elsewhere.replica("ship").orElseThrow().seconds()).isBetween(2400.0, 2401.0);
            assertThat(elsewhere.replica("ship").orElseThrow().seenAt()).isEqualTo(seen);
        } finally {
            standby.start();
        }
        awaitCaughtUp();
    }

    @Test
    void subscriberThatIsGoneIsKnownByItsSlotEvenAtTheFirstLook() throws Exception {
        TestServers.execute(subscriber, "postgres", "alter subscription reporting disable");
        try {
            Awaitility.await().until(() -> !slot(look("shore"), "reporting").active());
            write();
            ReplicationSight fresh =
                    new ReplicationSight(pools.all(), state.resolve("other"), new ReplicationBoard(), clock);
            ReplicatingServer first = fresh.look(pools.database("shore"), WORK);
            assertThat(first.replica("reporting").orElseThrow().isConnected()).isFalse();
            assertThat(slot(first, "reporting").replica()).isEqualTo("reporting");
            clock.forward(Duration.ofHours(1));
            ReplicatingServer later = fresh.look(pools.database("shore"), WORK);
            assertThat(later.replica("reporting").orElseThrow().seconds()).isEqualTo(3600.0);
            assertThat(slot(later, "reporting").inactiveSince())
                    .isEqualTo(clock.instant().minusSeconds(3600));
            assertThat(slot(later, "reporting").retainedBytes()).isPositive();
        } finally {
            TestServers.execute(subscriber, "postgres", "alter subscription reporting enable");
        }
        awaitCaughtUp();
    }

    @Test
    void slotThatSomebodyReadsIsNotInactiveSinceBefore() throws Exception {
        TestServers.execute(primary, "postgres", "select pg_create_physical_replication_slot('left_over', true)");
        try {
            look("shore");
            clock.forward(Duration.ofMinutes(50));
            assertThat(slot(look("shore"), "left_over").inactiveSince())
                    .isEqualTo(clock.instant().minusSeconds(3000));
            write();
            TestServers.execute(
                    primary, "postgres", "select pg_replication_slot_advance('left_over', pg_current_wal_lsn())");
            assertThat(slot(look("shore"), "left_over").inactiveSince()).isEqualTo(clock.instant());
            assertThat(look("shore").replica("left_over")).isPresent();
        } finally {
            TestServers.execute(primary, "postgres", "select pg_drop_replication_slot('left_over')");
        }
        assertThat(look("shore").replica("left_over")).isEmpty();
    }

    @Test
    void slotThatKeepsMoreAndMoreTellsWhenTheDiskIsFull() throws Exception {
        TestServers.execute(primary, "postgres", "select pg_create_physical_replication_slot('filling', true)");
        try {
            long before = slot(look("shore"), "filling").retainedBytes();
            clock.forward(Duration.ofMinutes(3));
            write();
            ReplicatingServer server = look("shore");
            assertThat(server.secondsToFull()).isNotNull().isPositive();
            double rate = (slot(server, "filling").retainedBytes() - before) / 180.0;
            long free = primary.data().toFile().getUsableSpace();
            assertThat(server.secondsToFull()).isBetween(free / rate * 0.5, free / rate * 2);
        } finally {
            TestServers.execute(primary, "postgres", "select pg_drop_replication_slot('filling')");
        }
    }

    @Test
    void roleThatMayNotSeeReplicationIsToldWhatToGrant() {
        TestServers.execute(primary, "postgres", "create role lag_blind login");
        DatabaseSettings blind =
                new DatabaseSettings("shore", primary.url("postgres"), "lag_blind", null, 2, null, true);
        try (DatabasePools own = new DatabasePools(List.of(blind))) {
            assertThatThrownBy(() -> new ReplicationReader(own.database("shore"), WORK, clock).read())
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.hint()).isEqualTo("GRANT pg_monitor TO lag_blind;"));
            TestServers.execute(primary, "postgres", "grant pg_monitor to lag_blind");
            assertThat(catchRead(own)).extracting(Replica::name).contains("reporting");
        }
    }

    private List<Replica> catchRead(DatabasePools own) {
        try {
            return new ReplicationReader(own.database("shore"), WORK, clock)
                    .read()
                    .replicas();
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void serverThatIsDownIsNotedAndWhatIsKnownOfItStays() throws Exception {
        standby.stop();
        try {
            Awaitility.await()
                    .until(() -> !look("shore").replica("ship").orElseThrow().isConnected());
            double before = look("shore").replica("ship").orElseThrow().seconds();
            clock.forward(Duration.ofMinutes(1));
            sight.noteProblem("shore", "it is down");
            ReplicatingServer noted = board.server("shore").orElseThrow();
            assertThat(noted.problem()).isEqualTo("it is down");
            assertThat(noted.replica("ship").orElseThrow().seconds()).isEqualTo(before + 60);
        } finally {
            standby.start();
        }
        awaitCaughtUp();
    }

    private ReplicatingServer look(String database) throws Exception {
        return sight.look(pools.database(database), WORK);
    }

    private static ReplicationSlot slot(ReplicatingServer server, String name) {
        return server.slots().stream()
                .filter(slot -> slot.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void write() {
        TestServers.execute(
                primary,
                "postgres",
                "insert into numbers select coalesce((select max(n) from numbers), 0) + g from generate_series(1, 1000) g");
    }

    private void awaitCaughtUp() {
        Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> {
            ReplicatingServer server = new ReplicationReader(pools.database("shore"), WORK, clock).read();
            assertThat(server.replicas()).hasSize(2).allSatisfy(replica -> {
                assertThat(replica.connection()).isEqualTo("streaming");
                assertThat(replica.bytes().replay()).isZero();
            });
            assertThat(new ReplicationReader(pools.database("ship"), WORK, clock)
                            .read()
                            .replicas())
                    .hasSize(1);
        });
    }

    private static DatabaseSettings settings(String name, LocalServer server, @Nullable String standbyOf) {
        return new DatabaseSettings(name, server.url("postgres"), "postgres", null, 4, standbyOf, true);
    }
}
