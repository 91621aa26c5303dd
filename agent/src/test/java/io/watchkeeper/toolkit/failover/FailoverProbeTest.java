package io.watchkeeper.toolkit.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What failover managers leave in a server, on a real one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailoverProbeTest {

    private static final Work WORK = Work.unattended("test");

    private LocalServer server;

    @BeforeAll
    void start() {
        server = TestServers.own(Map.of());
    }

    @AfterAll
    void stop() {
        server.delete();
    }

    private DatabaseSettings settings(@Nullable String patroni, @Nullable String monitor) {
        return new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 8, null, true, patroni, monitor);
    }

    private Optional<FailoverCluster> look(DatabaseSettings... all) throws Exception {
        try (DatabasePools pools = new DatabasePools(List.of(all))) {
            return new FailoverProbe(pools::database, WORK).look(pools.database("shore"));
        }
    }

    private String system() throws Exception {
        try (DatabasePools pools = new DatabasePools(List.of(settings(null, null)));
                Session session = pools.database("shore").open(WORK)) {
            return session.one("select system_identifier::text from pg_control_system()", row -> row.getString(1));
        }
    }

    private void sql(String database, String text) {
        TestServers.execute(server, database, text);
    }

    @Test
    void aServerOfNobodyHasNoManager() throws Exception {
        assertThat(look(settings(null, null))).isEmpty();
    }

    @Test
    void patroniIsAskedWhoTheLeaderIs() throws Exception {
        try (RecordedPatroni patroni = new RecordedPatroni("patroni-healthy.json", system())) {
            FailoverCluster cluster = look(settings(patroni.address(), null)).orElseThrow();

            assertThat(cluster.tool()).isEqualTo(FailoverTool.PATRONI);
            assertThat(cluster.words()).isEqualTo("Patroni demo: leader patroni1 at 10.89.0.4:5432, 2 members");
            assertThat(cluster.problem()).isNull();
            assertThat(cluster.ownsSlot("patroni2")).isTrue();
            assertThat(cluster.ownsSlot("fleet_ship")).isFalse();
            assertThatThrownBy(() -> cluster.refuse(ManagedAction.SWITCHOVER, "shore"))
                    .isInstanceOfSatisfying(OperatorException.class, e -> {
                        assertThat(e.getMessage())
                                .contains("Patroni looks after", "'shore'", "switchover is its business");
                        assertThat(e.hint()).isEqualTo("ask it: patronictl switchover demo.");
                    });
        }
    }

    @Test
    void aPausedPatroniIsNotFoughtWithEither() throws Exception {
        try (RecordedPatroni patroni = new RecordedPatroni("patroni-paused.json", system())) {
            FailoverCluster cluster = look(settings(patroni.address(), null)).orElseThrow();

            assertThat(cluster.words()).endsWith("2 members; it is paused (patronictl resume demo ends that)");
            assertThat(cluster.owns(ManagedAction.SYNCHRONOUS_STANDBYS)).isTrue();
        }
    }

    @Test
    void anotherClustersPatroniIsSaid() throws Exception {
        try (RecordedPatroni patroni = new RecordedPatroni("patroni-healthy.json", RecordedPatroni.SYSTEM)) {
            FailoverCluster cluster = look(settings(patroni.address(), null)).orElseThrow();

            assertThat(cluster.problem()).contains("leads to cluster demo", "another system identifier");
            assertThat(cluster.members()).isEmpty();
        }
    }

    @Test
    void aPatroniThatDoesNotAnswerStillOwnsItsServer() throws Exception {
        FailoverCluster cluster = look(settings("http://127.0.0.1:" + LocalServer.freePort(), null))
                .orElseThrow();

        assertThat(cluster.problem()).startsWith("no answer from http://127.0.0.1:");
        assertThatThrownBy(() -> cluster.refuse(ManagedAction.SYNCHRONOUS_STANDBYS, "shore"))
                .hasMessageContaining("synchronous_standby_names is its business");
    }

    @Test
    void patronisOwnSessionsGiveItAway() throws Exception {
        try (Connection heartbeat = DriverManager.getConnection(
                server.url("postgres") + "?ApplicationName=Patroni%20heartbeat", "postgres", "")) {
            assertThat(heartbeat.isValid(1)).isTrue();
            FailoverCluster cluster = look(settings(null, null)).orElseThrow();

            assertThat(cluster.signs()).containsExactly("sessions called Patroni heartbeat");
            assertThat(cluster.problem()).isEqualTo("databases.shore.patroni does not name its REST API");
        }
    }

    /** The columns that matter of src/monitor/pgautofailover.sql, repository hapostgres/pg_auto_failover. */
    @Test
    void anAutoFailoverMonitorIsAskedForTheNodes() throws Exception {
        sql("postgres", "create role pgautofailover_replicator replication");
        sql("postgres", "select pg_create_physical_replication_slot('pgautofailover_standby_2')");
        sql("postgres", "create database pg_auto_failover");
        sql("pg_auto_failover", """
                create schema pgautofailover;
                create type pgautofailover.replication_state as enum ('single', 'primary', 'secondary', 'catchingup');
                create table pgautofailover.node (
                    formationid text not null default 'default', nodeid bigserial, groupid int not null, nodename text not null,
                    nodehost text not null, nodeport int not null, sysidentifier bigint,
                    goalstate pgautofailover.replication_state not null, reportedstate pgautofailover.replication_state not null);
                insert into pgautofailover.node (groupid, nodename, nodehost, nodeport, sysidentifier, goalstate, reportedstate)
                values (0, 'node_1', '10.0.0.1', 5432, %1$s, 'primary', 'primary'),
                       (0, 'node_2', '10.0.0.2', 5432, %1$s, 'secondary', 'catchingup'),
                       (1, 'other', '10.0.0.9', 5432, 1, 'single', 'single')""".formatted(system()));
        try {
            FailoverCluster unnamed = look(settings(null, null)).orElseThrow();
            assertThat(unnamed.signs())
                    .containsExactly("role pgautofailover_replicator", "slot pgautofailover_standby_2");
            assertThat(unnamed.problem()).contains("autoFailoverMonitor");

            FailoverCluster cluster = look(
                            settings(null, "monitor"), TestServers.settings("monitor", server, "pg_auto_failover"))
                    .orElseThrow();
            assertThat(cluster.words())
                    .isEqualTo("pg_auto_failover default: leader node_1 at 10.0.0.1:5432, 2 members");
            assertThat(cluster.members().get(1).state()).isEqualTo("catchingup → secondary");
            assertThat(cluster.ownsSlot("pgautofailover_standby_7")).isTrue();
            assertThatThrownBy(() -> cluster.refuse(ManagedAction.PROVISION_STANDBY, "shore"))
                    .hasMessageContaining("pg_auto_failover looks after");
        } finally {
            sql("postgres", "drop database pg_auto_failover");
            sql("postgres", "drop role pgautofailover_replicator");
            sql("postgres", "select pg_drop_replication_slot('pgautofailover_standby_2')");
        }
    }

    /** The columns that matter of repmgr--5.5.sql, repository EnterpriseDB/repmgr. */
    @Test
    void repmgrsNodesAreReadInItsOwnDatabase() throws Exception {
        sql("postgres", "create database repmgr");
        try {
            // A database of that name alone is none of repmgr's.
            assertThat(look(settings(null, null))).isEmpty();

            sql("repmgr", """
                    create schema repmgr;
                    create table repmgr.nodes (
                        node_id integer primary key, upstream_node_id integer, active boolean not null default true,
                        node_name text not null, type text not null, conninfo text not null, slot_name text);
                    insert into repmgr.nodes values
                        (1, null, true, 'shore-1', 'primary', 'host=10.0.0.1 user=repmgr password=quiet dbname=repmgr', null),
                        (2, 1, true, 'shore-2', 'standby', 'user=repmgr port=5433 host=''10.0.0.2''', 'repmgr_slot_2')""");
            FailoverCluster cluster = look(settings(null, null)).orElseThrow();

            assertThat(cluster.words()).isEqualTo("repmgr: leader shore-1 at 10.0.0.1:5432, 2 members");
            assertThat(cluster.members().get(1).address()).isEqualTo("10.0.0.2:5433");
            assertThat(cluster.toString()).doesNotContain("quiet");
            assertThat(cluster.ownsSlot("repmgr_slot_2")).isTrue();
            // Settings are not its business.
            cluster.refuse(ManagedAction.SYNCHRONOUS_STANDBYS, "shore");
            assertThatThrownBy(() -> cluster.refuse(ManagedAction.SWITCHOVER, "shore"))
                    .isInstanceOf(OperatorException.class);
        } finally {
            sql("postgres", "drop database repmgr with (force)");
        }
    }

    @Test
    void aPrimaryNeedsNoAdvice() throws Exception {
        try (DatabasePools pools = new DatabasePools(List.of(settings(null, null)))) {
            Database shore = pools.database("shore");
            new PrimaryCheck(new FailoverProbe(pools::database, WORK), WORK).require(shore);
        }
    }
}
