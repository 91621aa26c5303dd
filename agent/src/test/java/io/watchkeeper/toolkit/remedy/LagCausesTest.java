package io.watchkeeper.toolkit.remedy;

import static io.watchkeeper.toolkit.remedy.RemedyFleet.on;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.one;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.own;
import static io.watchkeeper.toolkit.remedy.RemedyFleet.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.files.Brake;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.toolkit.remedy.RemedyResult.Ending;
import io.watchkeeper.units.Ratio;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** Causes that need a link, a slot or a failover; the last ones leave the standby of no use. */
@SuppressWarnings("try") // what is held open is held open, not used
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LagCausesTest {

    private RemedyFleet fleet;

    @BeforeAll
    void start() {
        fleet = new RemedyFleet();
    }

    @AfterAll
    void stop() {
        fleet.close();
    }

    private void receiveFrom(int port) {
        on(fleet.standby, "alter system set primary_conninfo = 'host=127.0.0.1 user=postgres port=" + port + "'");
        on(fleet.standby, "select pg_reload_conf()");
    }

    private static RemedyPlan with(RemedyPlan usual, List<String> reindexOf) {
        return new RemedyPlan(
                usual.alertAfter(),
                null,
                usual.until(),
                usual.deadline(),
                usual.every(),
                List.of(),
                usual.allowed(),
                List.of(),
                5,
                null,
                reindexOf,
                Ratio.percent(30));
    }

    @Test
    @Order(1)
    void aSlowLinkIsToldFromASlowStandbyAndOwnRunsGiveWay() throws Exception {
        try (FlakyLink link = FlakyLink.to(fleet.primary)) {
            receiveFrom(link.port());
            await().until(() -> one(fleet.primary, "select count(*) from pg_stat_replication where state = 'streaming'")
                            .equals("1")
                    && link.connections() > 0);
            link.bytesPerSecond(200_000);
            on(fleet.primary, "create table slow as select repeat(md5(g::text), 20) from generate_series(1, 20000) g");
            List<String> braking = new ArrayList<>();
            await().until(() -> fleet.sight
                            .look(fleet.shore(), Work.unattended("test"))
                            .replicas()
                            .get(0)
                            .seconds()
                    > 0.6);
            StoppableWork work = new StoppableWork("slow link");
            LagRemediator remediator = new LagRemediator(
                    fleet.shore(),
                    fleet.pools.all(),
                    fleet.state,
                    fleet.sight,
                    java.time.Clock.systemUTC(),
                    work,
                    "run1",
                    StandbyRebuild.none(),
                    line -> {
                        if (line.contains("at a tenth of their pace")) {
                            braking.addAll(Brake.holder(fleet.state).stream().toList());
                            link.bytesPerSecond(0);
                        }
                    });
            RemedyResult result = remediator.run(plan(Remedy.YIELD_RUNS));
            assertThat(result.timeline().get(1).text())
                    .contains("the link does not carry what is written", "not sent", "of");
            assertThat(result.ending()).isEqualTo(Ending.REMEDIED);
            assertThat(braking).containsExactly("run1");
            assertThat(Brake.holder(fleet.state)).isEmpty();
            receiveFrom(fleet.primary.port());
        }
        fleet.caughtUp();
    }

    @Test
    @Order(2)
    void aSenderThatIsKilledOnTheWayDoesNotEndIt() throws Exception {
        try (Connection reader = fleet.conflictingQuery("s1")) {
            fleet.awaitBehind();
            StoppableWork work = new StoppableWork("killed sender");
            work.onProgress(progress -> {
                if (progress.stage().equals("made hot_standby_feedback")) {
                    on(fleet.primary, "select pg_terminate_backend(pid) from pg_stat_replication");
                }
            });
            RemedyResult result =
                    fleet.remediator(work).run(plan(Remedy.HOT_STANDBY_FEEDBACK, Remedy.TERMINATE_CONFLICTS));
            assertThat(result.ending()).isEqualTo(Ending.REMEDIED);
            assertThat(own(fleet.standby, "hot_standby_feedback")).isEqualTo("null");
        }
        fleet.caughtUp();
    }

    @Test
    @Order(3)
    void aReceiverThatHearsNothingIsRestarted() throws Exception {
        try (FlakyLink link = FlakyLink.to(fleet.primary)) {
            receiveFrom(link.port());
            await().until(() -> one(fleet.primary, "select count(*) from pg_stat_replication where state = 'streaming'")
                            .equals("1")
                    && link.connections() > 0);
            // Half of it is silence enough; and the sender at the lost end is to be gone soon.
            on(fleet.standby, "alter system set wal_receiver_timeout = '6s'");
            on(fleet.standby, "select pg_reload_conf()");
            on(fleet.primary, "alter system set wal_sender_timeout = '4s'");
            on(fleet.primary, "select pg_reload_conf()");
            // The router has forgotten the connection: what is new passes, what is old never again.
            link.lose();
            on(fleet.primary, "create table silent as select 1 as a");
            List<String> causes = new ArrayList<>();
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                RemedyResult result = fleet.remedy(plan(Remedy.RESTART_RECEIVER));
                result.timeline().forEach(event -> causes.add(event.text()));
                return result.ending() == Ending.REMEDIED;
            });
            assertThat(causes).anyMatch(text -> text.contains("its receiver hears nothing"));
            on(fleet.standby, "alter system reset wal_receiver_timeout");
            on(fleet.primary, "alter system reset wal_sender_timeout");
            on(fleet.primary, "select pg_reload_conf()");
            receiveFrom(fleet.primary.port());
        }
        fleet.caughtUp();
    }

    @Test
    @Order(4)
    void theMostBloatedIndexIsBuiltAnewBesideTheWatch() throws Exception {
        on(
                fleet.primary,
                "create table parted (id int primary key, filler text) partition by range (id);"
                        + " create table parted_1 partition of parted for values from (0) to (1000000)");
        on(fleet.primary, "insert into parted select g, 'x' from generate_series(1, 200000) g");
        on(fleet.primary, "delete from parted where id % 10 <> 0");
        on(fleet.primary, "vacuum analyze parted");
        fleet.caughtUp();
        StandbyServers.pauseReplay(fleet.standby);
        on(fleet.primary, "create table behind as select 1 as a");
        fleet.awaitBehind();
        long before = Long.parseLong(one(fleet.primary, "select pg_relation_size('parted_1_pkey')"));
        List<String> lines = new ArrayList<>();
        LagRemediator remediator = new LagRemediator(
                fleet.shore(),
                fleet.pools.all(),
                fleet.state,
                fleet.sight,
                java.time.Clock.systemUTC(),
                Work.unattended("reindex"),
                "run1",
                StandbyRebuild.none(),
                line -> {
                    lines.add(line);
                    if (line.contains("rebuilt public.parted_1_pkey")) {
                        on(fleet.standby, "select pg_wal_replay_resume()");
                    }
                });
        RemedyResult result = remediator.run(with(plan(Remedy.REINDEX), List.of("public.parted")));
        assertThat(result.ending()).as("%s", lines).isEqualTo(Ending.REMEDIED);
        assertThat(result.replicas().get(0).actions())
                .singleElement()
                .asString()
                .contains("REINDEX INDEX CONCURRENTLY public.parted_1_pkey");
        assertThat(Long.parseLong(one(fleet.primary, "select pg_relation_size('parted_1_pkey')")))
                .isLessThan(before / 4);
        assertThat(fleet.records()).isEmpty();
        fleet.caughtUp();
    }

    /** As REINDEX CONCURRENTLY leaves it when its session ends: here by a lock that it waits for. */
    @Test
    @Order(5)
    void whatARebuildLeavesIsDroppedAndNothingElse() throws Exception {
        on(fleet.primary, "create table built (id int); create index built_idx on built (id)");
        on(fleet.primary, "create table other (id int); insert into other values (1), (1)");
        try (Connection invalid = io.watchkeeper.testing.TestServers.connect(fleet.primary, "postgres");
                var statement = invalid.createStatement()) {
            statement.execute("create unique index concurrently other_idx_ccnew on other (id)");
        } catch (java.sql.SQLException e) {
            assertThat(e.getMessage()).contains("could not create unique index");
        }
        try (Connection old = io.watchkeeper.testing.TestServers.connect(fleet.primary, "postgres");
                var statement = old.createStatement()) {
            old.setAutoCommit(false);
            statement.execute("insert into built values (1)");
            try (TemporaryChanges changes = new TemporaryChanges(
                            fleet.state,
                            "run1",
                            "shore",
                            java.time.Clock.systemUTC(),
                            TemporaryChanges.revertBy(fleet.pools.all()),
                            (replica, stage) -> {},
                            (replica, outcome) -> {});
                    var session = fleet.shore().open(Work.unattended("test"))) {
                RemedyRecord record = changes.index(session, "aboard", fleet.shore(), "public.built_idx", "a test");
                try (IndexRebuilding rebuilding =
                        IndexRebuilding.start(fleet.shore(), "public.built_idx", "test", Duration.ofMinutes(1))) {
                    await().until(() -> one(
                                    fleet.primary, "select count(*) from pg_class where relname = 'built_idx_ccnew'")
                            .equals("1"));
                    assertThat(rebuilding.outcome()).isEmpty();
                    assertThat(fleet.records()).containsExactly(record.file());
                }
            }
            old.rollback();
        }
        assertThat(fleet.records()).hasSize(1);
        assertThat(one(fleet.primary, "select count(*) from pg_index where not indisvalid"))
                .isEqualTo("2");
        assertThat(fleet.sweep()).singleElement().asString().contains("built_idx_ccnew");
        assertThat(one(fleet.primary, "select indexrelid::regclass from pg_index where not indisvalid"))
                .isEqualTo("other_idx_ccnew");
        assertThat(one(fleet.primary, "select indisvalid from pg_index where indexrelid = 'built_idx'::regclass"))
                .isEqualTo("t");
        assertThat(fleet.records()).isEmpty();
    }

    @Test
    @Order(6)
    void aLostSlotIsNamedAndOnlyTheLastResortHelps() throws Exception {
        on(fleet.primary, "select pg_create_physical_replication_slot('watchkeeper_aboard', true)");
        on(fleet.primary, "alter system set max_slot_wal_keep_size = '1MB'");
        on(fleet.primary, "alter system set wal_keep_size = 0");
        on(fleet.primary, "alter system set max_wal_size = '32MB'");
        on(fleet.primary, "select pg_reload_conf()");
        on(fleet.standby, "alter system set primary_slot_name = 'watchkeeper_aboard'");
        on(fleet.standby, "select pg_reload_conf()");
        await().until(() ->
                one(fleet.primary, "select active from pg_replication_slots").equals("t"));
        fleet.caughtUp();
        receiveFrom(1);
        await().until(() ->
                one(fleet.primary, "select active from pg_replication_slots").equals("f"));
        for (int i = 0; i < 4; i++) {
            on(fleet.primary, "create table lost_" + i + " as select repeat('x', 800) from generate_series(1, 5000) g");
            on(fleet.primary, "select pg_switch_wal()");
            on(fleet.primary, "checkpoint");
        }
        await().until(() -> {
            on(fleet.primary, "select pg_switch_wal()");
            on(fleet.primary, "checkpoint");
            return one(fleet.primary, "select wal_status from pg_replication_slots")
                    .equals("lost");
        });
        await().until(() -> one(fleet.standby, "select now() - pg_last_xact_replay_timestamp() > '0.6 s'")
                .equals("t"));
        RemedyResult named = fleet.remedy(plan());
        assertThat(named.problem().orElseThrow()).hasMessageContaining("slot watchkeeper_aboard has wal_status lost");
        assertThat(named.problem().orElseThrow().hint()).contains("reprovision");
        List<String> asked = new ArrayList<>();
        StandbyRebuild rebuild = new StandbyRebuild() {
            @Override
            public boolean canRebuild(String standby) {
                asked.add(standby);
                return true;
            }

            @Override
            public String rebuild(String standby, Work work) {
                on(fleet.primary, "select pg_drop_replication_slot('watchkeeper_aboard')");
                return "made " + standby + " anew";
            }
        };
        RemedyResult tried = new LagRemediator(
                        fleet.shore(),
                        fleet.pools.all(),
                        fleet.state,
                        fleet.sight,
                        java.time.Clock.systemUTC(),
                        Work.unattended("last resort"),
                        "run1",
                        rebuild,
                        line -> {})
                .run(plan(Remedy.REPROVISION));
        assertThat(asked).contains("aboard");
        assertThat(tried.replicas().get(0).actions())
                .singleElement()
                .asString()
                .isEqualTo("reprovision: made aboard anew (once)");
        assertThat(fleet.records()).isEmpty();
    }

    @Test
    @Order(7)
    void aFailoverInTheMiddleEndsItAndTakesEverythingBack() throws Exception {
        on(fleet.standby, "alter system reset primary_slot_name");
        StoppableWork work = new StoppableWork("failover");
        work.onProgress(progress -> {
            if (progress.stage().equals("made vacuum_cost_limit")) {
                on(fleet.standby, "select pg_promote()");
            }
        });
        // The standby is away since its slot was lost; a vacuum of the primary is what can be helped.
        try (Connection session = io.watchkeeper.testing.TestServers.connect(fleet.primary, "postgres")) {
            on(
                    fleet.primary,
                    "create table v2 as select g as id, repeat('x', 800) as f from generate_series(1, 20000) g");
            on(fleet.primary, "delete from v2 where id % 2 = 0");
            session.createStatement()
                    .execute("set vacuum_cost_delay = 100; set vacuum_cost_page_hit = 100;"
                            + " set application_name = 'slow vacuum'");
            Thread vacuum = RemedyFleet.inBackground(session, "vacuum v2");
            await().until(() -> one(fleet.primary, "select count(*) from pg_stat_progress_vacuum")
                    .equals("1"));
            RemedyResult result = fleet.remediator(work).run(plan(Remedy.COST_LIMIT));
            assertThat(result.ending()).isEqualTo(Ending.FAILED_OVER);
            assertThat(result.problem()).isEmpty();
            assertThat(own(fleet.primary, "vacuum_cost_limit")).isEqualTo("null");
            assertThat(fleet.records()).isEmpty();
            on(
                    fleet.primary,
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'slow vacuum'");
            vacuum.join();
        }
    }
}
