package io.watchkeeper.toolkit.sync;

import static io.watchkeeper.toolkit.sync.SyncFleet.plan;
import static io.watchkeeper.toolkit.sync.SyncFleet.withTable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.problem.OperatorException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The cases of the catalogue that are about changing the target. */
class ApplyCatalogueTest {

    @Test
    void a01UniqueSwap() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.shore(
                    "update t set v = null where id = 1; update t set v = 1 where id = 2; update t set v = 2 where id = 1;"
                            // A ring of three, and two keys that change places.
                            + " update t set v = v + 1000 where id in (10, 11, 12);"
                            + " update t set v = case id when 10 then 11 when 11 then 12 else 10 end where id in (10, 11, 12);"
                            + " update t set id = -20 where id = 20; update t set id = 20 where id = 21; update t set id = 21 where id = -20");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(result.rowsWritten()).isEqualTo(7);
            fleet.assertSame("t");
        }
    }

    @Test
    void a02DeleteFreesAUniqueValue() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.shore(
                    "delete from t where id in (1, 2); update t set v = 1 where id = 3; insert into t values (1000, 2, 0, 'new');"
                            + " insert into t values (1001, 3, 0, 'new')");

            SyncResult result = fleet.sync("t");

            assertThat(result.rowsDeleted()).isEqualTo(2);
            assertThat(result.rowsWritten()).isEqualTo(3);
            fleet.assertSame("t");
        }
    }

    @Test
    void a03KeyUpdate() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.shore(
                    "update t set id = 500 where id = 5; update t set id = 5, n = 3 where id = 6; update t set id = id + 1000 where id > 90 and id <= 100");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(result.rowsDeleted()).isEqualTo(11);
            fleet.assertSame("t");
        }
    }

    @Test
    void a04CrashBeforeCommit() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet.Writer inTheWay = fleet.writerAboard()) {
            fleet.shore(
                    "update t set n = 1 where id <= 10; delete from t where id = 20; insert into t values (1000, 1000, 1, 'new')");
            List<String> record = fleet.onShip("select r::text from watchkeeper.sync_tables r");
            List<String> rows = fleet.onShip("select r::text from t r order by 1");
            inTheWay.run("begin; lock table t in row exclusive mode");
            CampaignAgent agent = new CampaignAgent(TableSyncerRounds.class);
            agent.tell(
                    fleet.fleet().login("shore").url(),
                    fleet.fleet().login("ship").url(),
                    null);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !fleet.onShip("select 1 from pg_locks l join pg_database d on d.oid = l.database"
                                    + " where d.datname = current_database() and not granted")
                            .isEmpty());
            agent.kill();
            inTheWay.run("rollback");
            awaitEndOfOtherSessions(fleet);

            assertThat(fleet.onShip("select r::text from watchkeeper.sync_tables r"))
                    .isEqualTo(record);
            assertThat(fleet.onShip("select r::text from t r order by 1")).isEqualTo(rows);
            assertThat(fleet.sync("t").mode()).isEqualTo(SyncMode.XMIN);
            fleet.assertSame("t");
        }
    }

    /** The commit was on its way when the agent died, so that nobody heard of it. */
    @Test
    void a04CrashAfterCommit() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.ship("""
                    create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return null; end $$;
                    create constraint trigger linger after update or insert on watchkeeper.sync_tables deferrable initially deferred
                      for each row execute function linger();
                    alter table watchkeeper.sync_tables enable always trigger linger""");
            fleet.shore(
                    "update t set n = 1 where id <= 10; delete from t where id = 20; insert into t values (1000, 1000, 1, 'new')");
            CampaignAgent agent = new CampaignAgent(TableSyncerRounds.class);
            agent.tell(
                    fleet.fleet().login("shore").url(),
                    fleet.fleet().login("ship").url(),
                    null);
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> !fleet.onShip("select 1 from pg_stat_activity where datname = current_database()"
                                    + " and wait_event = 'PgSleep'")
                            .isEmpty());
            agent.kill();
            awaitEndOfOtherSessions(fleet);
            fleet.ship("drop trigger linger on watchkeeper.sync_tables");
            fleet.assertSame("t");
            fleet.shore("update t set n = 2 where id = 2");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(result.rowsWritten()).isEqualTo(1);
            assertThat(result.localEdits())
                    .as("what the dead agent wrote is the agent's own")
                    .isZero();
            fleet.assertSame("t");
        }
    }

    private static void awaitEndOfOtherSessions(SyncFleet fleet) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> fleet.onShip("select 1 from pg_locks where locktype = 'advisory' and database ="
                                + " (select oid from pg_database where datname = current_database())")
                        .isEmpty());
    }

    private static SyncResult round(SyncFleet fleet) {
        try {
            return fleet.sync("t");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a05TwoAgentsOneStateRow() throws Exception {
        try (SyncFleet fleet = withTable();
                SyncFleet other = new SyncFleet(fleet.fleet().loggingInAs("postgres", "postgres"));
                SyncFleet.Writer inTheWay = fleet.writerAboard()) {
            fleet.shore("update t set n = 1 where id <= 10; delete from t where id = 20");
            inTheWay.run("begin; lock table t in row exclusive mode");
            CompletableFuture<SyncResult> first = CompletableFuture.supplyAsync(() -> round(fleet));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !fleet.onShip("select 1 from pg_locks l join pg_database d on d.oid = l.database"
                                    + " where d.datname = current_database() and not granted")
                            .isEmpty());

            CompletableFuture<SyncResult> turn = CompletableFuture.supplyAsync(() -> round(other));
            inTheWay.run("rollback");

            assertThat(first.get().rowsWritten()).isEqualTo(10);
            assertThat(turn.get().rowsWritten()).as("it came after the first").isZero();
            assertThat(turn.get().localEdits()).isZero();
            fleet.shore("update t set n = 2 where id = 2");
            SyncResult second = other.sync("t");
            assertThat(second.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(second.rowsWritten()).isEqualTo(1);
            assertThat(second.localEdits()).isZero();
            fleet.assertSame("t");
        }
    }

    @Test
    void a06ForeignKeyCascadeOff() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.ship(
                    "create table child (id bigint primary key, t_id bigint references t on delete cascade on update cascade)");
            fleet.ship("insert into child select i, i from generate_series(1, 50) i");
            fleet.ship(
                    "create table noted (id bigint); create function note() returns trigger language plpgsql as"
                            + " $$ begin insert into noted values (1); return null; end $$;"
                            + " create trigger note after insert or update or delete on t for each row execute function note()");
            fleet.shore("update t set v = v + 1000 where id <= 30");

            SyncResult result = fleet.sync("t");

            assertThat(result.rowsWritten()).isEqualTo(30);
            fleet.assertSame("t");
            assertThat(fleet.onShip("select count(*) from child")).containsExactly("50");
            assertThat(fleet.onShip("select count(*) from noted")).containsExactly("0");
        }
    }

    /** A row whose children aboard would refer to nothing. */
    @Test
    void a06DeleteOfAReferencedRowIsToldOrRefused() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.ship("create table child (id bigint primary key, t_id bigint references t on delete cascade)");
            fleet.ship("insert into child values (1, 1), (2, 2)");
            fleet.shore("delete from t where id = 1");

            assertThatThrownBy(() -> fleet.sync("t"))
                    .isInstanceOfSatisfying(
                            OperatorException.class, e -> assertThat(e.hint()).isNotEmpty())
                    .hasMessageContaining("child");

            assertThat(fleet.onShip("select count(*) from t")).containsExactly("100");
            fleet.ship("delete from child where t_id = 1");
            assertThat(fleet.sync("t").rowsDeleted()).isEqualTo(1);
            fleet.assertSame("t");
        }
    }

    @Test
    void a07IdentityAlways() throws Exception {
        try (SyncFleet fleet = new SyncFleet()) {
            fleet.both("create table t (id bigint generated always as identity primary key, n int,"
                    + " twice int generated always as (n * 2) stored)");
            fleet.shore("insert into t (n) select i from generate_series(1, 20) i");
            fleet.sync("t");
            fleet.shore(
                    "update t set n = 100 where id = 5; delete from t where id = 6; insert into t (n) values (21), (22)");

            SyncResult result = fleet.sync("t");

            assertThat(result.mode()).isEqualTo(SyncMode.XMIN);
            assertThat(result.rowsWritten()).isEqualTo(3);
            fleet.assertSame("t");
            fleet.ship("insert into t (n) values (99)");
            assertThat(fleet.onShip("select max(id) from t"))
                    .as("the target's own numbers go on behind the source's")
                    .containsExactly("23");
        }
    }

    @Test
    void a08TargetEditedLocallySourceWins() throws Exception {
        try (SyncFleet fleet = withTable()) {
            fleet.ship("update t set n = -1 where id in (1, 2); insert into t values (2000, 2000, 0, 'local')");
            fleet.shore("update t set n = 5 where id = 2");
            fleet.sync("t");
            fleet.assertSame("t");

            fleet.ship("delete from t where id in (3, 4)");
            fleet.sync("t");
            fleet.assertSame("t");

            // As many rows as before.
            fleet.ship("delete from t where id = 5; insert into t values (2001, 2001, 0, 'local')");
            fleet.sync("t");
            fleet.assertSame("t");

            fleet.ship("update t set id = 3000 where id = 6");
            fleet.sync("t");
            fleet.assertSame("t");

            fleet.ship("truncate t");
            fleet.sync("t");
            fleet.assertSame("t");
        }
    }

    @Test
    void a08TargetEditedLocallyKeep() throws Exception {
        SyncPlan keep = plan("t").with(o -> o.withLocalEdits(LocalEdits.KEEP));
        try (SyncFleet fleet = withTable()) {
            fleet.ship("update t set n = -1 where id in (1, 2); insert into t values (2000, 2000, 0, 'local')");
            fleet.shore("update t set n = 5 where id in (2, 3)");

            SyncResult result = fleet.sync(keep);

            assertThat(result.kept()).isEqualTo(3);
            assertThat(fleet.onShip("select id, n from t where id in (1, 2, 3, 2000) order by id"))
                    .containsExactly("1|-1", "2|-1", "3|5", "2000|0");
            // Once they are the same again, they are the source's as all others.
            fleet.shore("update t set n = -1 where id in (1, 2); insert into t values (2000, 2000, 0, 'local')");
            assertThat(fleet.sync(keep).kept()).isZero();
            fleet.assertSame("t");
            fleet.shore("update t set n = 8 where id = 1");
            fleet.sync(keep);
            fleet.assertSame("t");
        }
    }

    @Test
    void a08TargetEditedLocallyFail() throws Exception {
        SyncPlan fail = plan("t").with(o -> o.withLocalEdits(LocalEdits.FAIL));
        try (SyncFleet fleet = withTable()) {
            fleet.ship("update t set n = -1 where id = 1");
            fleet.shore("update t set n = 5 where id = 3");

            assertThatThrownBy(() -> fleet.sync(fail))
                    .isInstanceOfSatisfying(
                            OperatorException.class, e -> assertThat(e.hint()).isNotEmpty())
                    .hasMessageContaining("1");

            assertThat(fleet.onShip("select id, n from t where id in (1, 3) order by id"))
                    .containsExactly("1|-1", "3|0");
            fleet.sync("t");
            fleet.assertSame("t");
            assertThat(fleet.sync(fail).localEdits()).isZero();
        }
    }
}
