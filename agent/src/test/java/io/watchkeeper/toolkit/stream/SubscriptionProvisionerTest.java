package io.watchkeeper.toolkit.stream;

import static io.watchkeeper.toolkit.stream.StreamFleet.HANDOVER;
import static io.watchkeeper.toolkit.stream.StreamFleet.PLAN;
import static io.watchkeeper.toolkit.stream.StreamFleet.WORK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.ServerFingerprint;
import io.watchkeeper.testing.TestServers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SubscriptionProvisionerTest {

    private static final TableName T = TableName.parse("t");
    private static final TableName U = TableName.parse("u");
    private static final String SLOTS =
            "select slot_name from pg_replication_slots where database = current_database()";

    private StreamFleet fleet;

    @BeforeAll
    static void startWorkersQuickly() {
        TestServers.execute(TestServers.ship(), "postgres", "alter system set wal_retrieve_retry_interval = '200ms'");
        TestServers.execute(TestServers.ship(), "postgres", "select pg_reload_conf()");
    }

    @BeforeEach
    void open() {
        fleet = new StreamFleet();
        fleet.both("create table t (id bigserial primary key, n int); create table u (id int primary key)");
        fleet.on("shore", "insert into t (n) select 1 from generate_series(1, 100); insert into u values (1)");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private List<String> publishedTables() {
        return fleet.rows("shore", "select tablename from pg_publication_tables where pubname = 'fleet' order by 1");
    }

    private StreamResult provisionReady(SubscriptionPlan plan) throws Exception {
        fleet.provision(plan);
        await().atMost(Duration.ofSeconds(60)).until(() -> fleet.subscription().allReady());
        return fleet.provision(plan);
    }

    @Test
    void aPublicationBecomesWhatIsAskedFor() throws Exception {
        PublicationResult made = fleet.publish("t");
        assertThat(made.created()).isTrue();
        assertThat(made.tables()).containsExactly(T);
        assertThat(made.notes())
                .anyMatch(note -> note.contains("max_slot_wal_keep_size") && note.contains("ALTER SYSTEM"));

        PublicationResult more = fleet.publish("t", "u");
        assertThat(more.created()).isFalse();
        assertThat(more.added()).containsExactly(U);
        assertThat(publishedTables()).containsExactly("t", "u");

        fleet.on("shore", "alter publication fleet set (publish = 'insert')");
        PublicationResult less = fleet.publish("u");
        assertThat(less.dropped()).containsExactly(T);
        assertThat(publishedTables()).containsExactly("u");
        assertThat(fleet.value("shore", "select pubupdate and pubdelete and pubtruncate from pg_publication"))
                .isEqualTo("t");

        assertThat(fleet.publish("u").changed()).isFalse();
    }

    @Test
    void aPublicationLeavesOutWhatIsExceptedOrUnlogged() throws Exception {
        fleet.on("shore", "create unlogged table scratch (id int primary key)");
        PublicationResult made = new PublicationProvisioner(fleet.shore(), WORK)
                .provision(new PublicationPlan("fleet", List.of("public.*"), List.of("u"), false));
        assertThat(made.tables()).containsExactly(T);
        assertThat(made.notes()).anyMatch(note -> note.startsWith("public.scratch is left out"));
    }

    @Test
    void withoutHandoverTheServerCopiesEmptyTables() throws Exception {
        fleet.publish("t", "u");
        StreamResult result = provisionReady(PLAN);
        assertThat(result.state()).isEqualTo(StreamState.STREAMING);
        assertThat(result.tables()).containsEntry(T, "streams").containsEntry(U, "streams");
        fleet.on("shore", "update t set n = 2 where id = 1");
        fleet.awaitCaughtUp();
        assertThat(fleet.differences()).isEmpty();
        // From a sample of now on, polling could take over.
        assertThat(fleet.provisioner().handBack(PLAN).state()).isEqualTo(StreamState.POLLING);
        fleet.on("shore", "delete from t where id = 2; update t set n = 3 where id = 3");
        fleet.poll("t");
        assertThat(fleet.differences()).isEmpty();
        assertThat(fleet.rows("shore", SLOTS)).isEmpty();
    }

    @Test
    void withoutHandoverTablesWithRowsAreRefused() throws Exception {
        fleet.publish("t", "u");
        fleet.on("ship", "insert into u values (1)");
        assertThatThrownBy(() -> fleet.provision(PLAN))
                .asInstanceOf(type(OperatorException.class))
                .satisfies(e -> {
                    assertThat(e).hasMessageContaining("public.u in database 'ship' has rows already");
                    assertThat(e.hint()).contains("handover true");
                });
        assertThat(fleet.rows("shore", SLOTS)).isEmpty();
    }

    @Test
    void sequencesAreMovedOn() throws Exception {
        fleet.publish("t");
        assertThat(fleet.provision(HANDOVER).sequences()).isEqualTo(1);
        assertThat(fleet.value("ship", "select last_value from t_id_seq")).isEqualTo("100");
        fleet.on("shore", "insert into t (n) values (5)");
        assertThat(fleet.provision(HANDOVER).sequences()).isEqualTo(1);
        assertThat(fleet.value("ship", "select nextval('t_id_seq')")).isEqualTo("102");
        assertThat(fleet.provision(HANDOVER).sequences()).isZero();
    }

    @Test
    void aTableThatCameToThePublicationIsCopied() throws Exception {
        fleet.publish("t");
        provisionReady(HANDOVER);
        fleet.publish("t", "u");
        assertThat(fleet.provision(HANDOVER).notes()).anyMatch(note -> note.startsWith("public.u came"));
        await().until(() -> fleet.rows("ship", "select id from u").equals(List.of("1")));
        fleet.publish("t");
        assertThat(fleet.provision(HANDOVER).tables()).containsOnlyKeys(T);
    }

    @Test
    void aDisabledSubscriptionIsAFailure() throws Exception {
        fleet.publish("t");
        provisionReady(HANDOVER);
        fleet.on("ship", "alter subscription fleet_ship disable");
        StreamResult result = fleet.provision(HANDOVER);
        assertThat(result.state()).isEqualTo(StreamState.DISABLED);
        assertThat(result.problem()).get().satisfies(e -> {
            assertThat(e).hasMessageContaining("subscription fleet_ship of 'ship' is disabled");
            assertThat(e.hint()).contains("ALTER SUBSCRIPTION fleet_ship ENABLE;");
        });
    }

    @Test
    void aChangeThatCannotBeAppliedIsAFailure() throws Exception {
        fleet.publish("t");
        provisionReady(HANDOVER);
        fleet.on("ship", "insert into t values (500, 0)");
        fleet.on("shore", "insert into t values (500, 1)");
        await().atMost(Duration.ofSeconds(30)).until(() -> !fleet.subscription().enabled());
        StreamResult result = fleet.provision(HANDOVER);
        assertThat(result.applyErrors()).isPositive();
        assertThat(result.problem()).get().satisfies(e -> assertThat(e).hasMessageContaining("could not be applied"));
        // Polling replaces the row, and the stream begins again behind it.
        fleet.provisioner().handBack(HANDOVER);
        fleet.poll("t");
        assertThat(fleet.differences()).isEmpty();
    }

    @Test
    void aChangeThatCannotBeAppliedIsTriedAgainWhereThatIsWished() throws Exception {
        SubscriptionPlan retrying = new SubscriptionPlan("fleet_ship", "fleet", true, null, true);
        fleet.publish("t");
        provisionReady(HANDOVER);
        fleet.provision(retrying);
        fleet.on("ship", "insert into t values (500, 0)");
        fleet.on("shore", "insert into t values (500, 1)");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !fleet.value(
                                "ship",
                                "select apply_error_count from pg_stat_subscription_stats"
                                        + " where subname = 'fleet_ship'")
                        .equals("0"));
        assertThat(fleet.subscription().enabled()).isTrue();
        assertThat(fleet.provision(retrying).notes()).anyMatch(note -> note.contains("could not be applied"));
        fleet.on("ship", "delete from t where id = 500");
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        fleet.rows("ship", "select n from t where id = 500").equals(List.of("1")));
        fleet.provision(HANDOVER);
        assertThat(fleet.value("ship", "select subdisableonerr from pg_subscription where subname = 'fleet_ship'"))
                .isEqualTo("t");
    }

    @Test
    void oneMadeByHandIsTakenOver() throws Exception {
        fleet.publish("t");
        fleet.on("shore", "select pg_create_logical_replication_slot('by_hand_" + fleet.hashCode() + "', 'pgoutput')");
        fleet.on(
                "ship",
                "create subscription fleet_ship connection 'host=127.0.0.1 user=postgres port="
                        + fleet.port("shore") + " dbname=" + fleet.value("shore", "select current_database()")
                        + "' publication fleet with (create_slot = false, slot_name = 'by_hand_" + fleet.hashCode()
                        + "')");
        StreamResult result = provisionReady(PLAN);
        assertThat(result.created()).isFalse();
        assertThat(result.slot()).startsWith("by_hand_");
        assertThat(result.state()).isEqualTo(StreamState.STREAMING);
    }

    @Test
    void oneDroppedByHandIsMadeAgainBehindALastRound() throws Exception {
        fleet.publish("t");
        provisionReady(HANDOVER);
        fleet.on("ship", "alter subscription fleet_ship disable");
        fleet.on("ship", "alter subscription fleet_ship set (slot_name = none)");
        fleet.on("ship", "drop subscription fleet_ship");
        fleet.on("shore", "update t set n = 7 where id = 7; delete from t where id = 8");
        StreamResult result = fleet.provision(HANDOVER);
        assertThat(result.created()).isTrue();
        assertThat(fleet.differences()).isEmpty();
        assertThat(fleet.rows("shore", SLOTS)).hasSize(1);
    }

    @Test
    void aPublisherThatTheShipCannotReachIsNamedAndLeavesNothing() throws Exception {
        fleet.publish("t");
        assertThatThrownBy(
                        () -> fleet.provision(new SubscriptionPlan("fleet_ship", "fleet", true, "127.0.0.1:1", false)))
                .asInstanceOf(type(OperatorException.class))
                .satisfies(e -> {
                    assertThat(e).hasMessageContaining("the server of 'ship' cannot reach 'shore'");
                    assertThat(e.hint()).contains("sourceAddress");
                });
        assertThat(fleet.rows("shore", SLOTS)).isEmpty();
        assertThat(fleet.rows("ship", "select name from watchkeeper.subscriptions"))
                .isEmpty();
    }

    @Test
    void aMissingPublicationOrRightIsNamed() throws Exception {
        assertThatThrownBy(() -> fleet.provision(PLAN))
                .asInstanceOf(type(OperatorException.class))
                .satisfies(e -> {
                    assertThat(e).hasMessageContaining("has no publication fleet");
                    assertThat(e.hint()).contains("provisionPublication('shore')");
                });
        fleet.publish("t");
        fleet.on("ship", "do $$ begin create role stream_nobody login; exception when duplicate_object then end $$");
        fleet.on(
                "ship",
                "grant all on all tables in schema public to stream_nobody; grant create on schema public to stream_nobody");
        fleet.on("ship", "grant pg_monitor to stream_nobody");
        try (StreamFleet other = fleet.loggingInAboardAs("stream_nobody")) {
            assertThatThrownBy(() -> other.provision(HANDOVER))
                    .asInstanceOf(type(OperatorException.class))
                    .satisfies(e -> {
                        assertThat(e).hasMessageContaining("stream_nobody");
                        assertThat(e.hint()).containsAnyOf("SUPERUSER", "pg_create_subscription");
                    });
        }
        assertThat(fleet.rows("shore", SLOTS)).isEmpty();
    }

    @Test
    void aDryRunShowsTheStatementsAndChangesNothing() throws Exception {
        ServerFingerprint before = ServerFingerprint.of(fleet.login("ship"));
        assertThat(new PublicationProvisioner(fleet.shore(), WORK).describe(PublicationPlan.of("fleet", "t")))
                .extracting(PlannedAction::sql)
                .containsExactly(
                        "CREATE PUBLICATION fleet FOR TABLE ONLY public.t WITH (publish = 'insert, update, delete,"
                                + " truncate', publish_via_partition_root = false)");
        assertThat(fleet.provisioner().describe(HANDOVER))
                .extracting(PlannedAction::sql)
                .anyMatch(sql -> sql.contains("publication fleet is not there yet"))
                .anyMatch(sql -> sql.startsWith("CREATE SUBSCRIPTION fleet_ship CONNECTION 'host=''127.0.0.1''")
                        && sql.contains("copy_data = false"));
        assertThat(ServerFingerprint.of(fleet.login("ship")).changesSince(before))
                .isEmpty();
        assertThat(publishedTables()).isEmpty();
    }

    @Test
    void oneTableStreamsUnderNamesOfItsOwn() throws Exception {
        TableStreamer streamer = new TableStreamer(fleet.shore(), fleet.ship(), WORK);
        assertThat(streamer.ensure(T).created()).isTrue();
        fleet.on("shore", "update t set n = 9 where id = 9");
        fleet.awaitCaughtUp();
        assertThat(streamer.ensure(T).fields())
                .containsEntry("subscription", TableStreamer.name(T))
                .containsEntry("mode", "stream")
                .containsEntry("state", "streaming");
        assertThat(fleet.differences()).isEmpty();
        assertThat(streamer.end(T).state()).isEqualTo(StreamState.POLLING);
        fleet.on("shore", "delete from t where id = 10");
        assertThat(fleet.sync("t").verified()).isTrue();
        assertThat(fleet.differences()).isEmpty();
    }

    @Test
    void partitionsMayDifferWhenTheyArePublishedThroughTheirRoot() throws Exception {
        fleet.both("create table p (id int primary key, v text) partition by range (id)");
        fleet.on(
                "shore",
                "create table p1 partition of p for values from (0) to (100);"
                        + " create table p2 partition of p for values from (100) to (200); insert into p values (1, 'a'), (150, 'b')");
        fleet.on("ship", "create table pall partition of p default");
        fleet.publish("p");
        assertThatThrownBy(() -> fleet.provision(HANDOVER)).hasMessageContaining("table public.p1 is not in 'ship'");
        new PublicationProvisioner(fleet.shore(), WORK)
                .provision(new PublicationPlan("fleet", List.of("p"), List.of(), true));
        assertThat(fleet.ofTheVerb().provision(HANDOVER).state()).isEqualTo(StreamState.STREAMING);
        fleet.on("shore", "update p set v = 'c' where id = 150; delete from p where id = 1");
        fleet.awaitCaughtUp();
        assertThat(fleet.rows("ship", "select * from p")).containsExactly("150|c");
        fleet.ofTheVerb().handBack(HANDOVER);
        fleet.on("shore", "insert into p values (2, 'd')");
        fleet.sync("p");
        assertThat(fleet.rows("ship", "select * from p order by id")).containsExactly("2|d", "150|c");
    }
}
