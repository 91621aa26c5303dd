package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.Fleet;
import io.watchkeeper.toolkit.verify.Repair;
import io.watchkeeper.toolkit.verify.TableVerifier;
import io.watchkeeper.toolkit.verify.VerifyPlan;
import io.watchkeeper.toolkit.verify.VerifyResult;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PendingRowsTest {

    @Test
    void rowsThatTheNextRoundBringsAreNoDifferences() throws SQLException {
        try (Fleet fleet = new Fleet()) {
            fleet.both("create table t (id int primary key, v text)");
            fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 100) g");
            TableName table = TableName.parse("t");
            new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK).sync(SyncPlan.of(table));
            fleet.on("shore", "update t set v = 'later' where id <= 3; insert into t values (101, 'new')");
            fleet.on("ship", "update t set v = 'wrong' where id = 50");
            VerifyResult result = new TableVerifier(fleet.shore(), fleet.ship(), Fleet.WORK, null, new PendingRows())
                    .verify(VerifyPlan.of(table));
            assertThat(result.inFlight()).isEqualTo(4);
            assertThat(result.differences()).isEqualTo(1);
        }
    }

    /** Such a round brings what its column shows; that a row was written since a proven round does not mean that the next brings it. */
    @Test
    void rowsThatNoWatermarkShowsAreDifferences() throws SQLException {
        try (Fleet fleet = new Fleet()) {
            fleet.both("create table t (id int primary key, v text, at timestamptz not null default now())");
            fleet.on(
                    "shore",
                    "insert into t select g, 'v', '2024-01-01Z'::timestamptz + g * interval '1 day'"
                            + " from generate_series(1, 100) g");
            TableName table = TableName.parse("t");
            SyncPlan plan = SyncPlan.of(table)
                    .with(o ->
                            o.withMode(SyncMode.TIMESTAMP).withWatermark("at").withOverlap(Duration.ZERO));
            TableSyncer syncer = new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK);
            syncer.sync(plan);
            fleet.on("shore", "update t set v = 'missed' where id <= 3; insert into t values (101, 'seen')");
            assertThat(syncer.sync(plan).mode()).isEqualTo(SyncMode.TIMESTAMP);

            VerifyResult result = new TableVerifier(fleet.shore(), fleet.ship(), Fleet.WORK, null, new PendingRows())
                    .verify(VerifyPlan.of(table));

            assertThat(result.differences()).isEqualTo(3);
            assertThat(result.inFlight()).isZero();
        }
    }

    @Test
    void aRepairIsNoEditOfOthers() throws SQLException {
        try (Fleet fleet = new Fleet()) {
            fleet.both("create table t (id int primary key, v text)");
            fleet.on("shore", "insert into t select g, 'v' from generate_series(1, 100) g");
            SyncPlan plan = SyncPlan.of(TableName.parse("t")).with(o -> o.withLocalEdits(LocalEdits.FAIL));
            TableSyncer syncer = new TableSyncer(fleet.shore(), fleet.ship(), Fleet.WORK);
            syncer.sync(plan);
            fleet.on(
                    "ship",
                    "update t set v = 'wrong' where id = 50; delete from t where id = 51; insert into t values (0, 'more')");

            VerifyResult repaired = new TableVerifier(fleet.shore(), fleet.ship(), Fleet.WORK, null, new PendingRows())
                    .verify(VerifyPlan.of(TableName.parse("t")).with(o -> o.withRepair(Repair.APPLY)));
            fleet.on("shore", "update t set v = 'later' where id between 49 and 51");
            SyncResult round = syncer.sync(plan);

            assertThat(repaired.repaired()).isEqualTo(3);
            assertThat(round.localEdits()).isZero();
            assertThat(fleet.rows("ship", "select * from t order by id"))
                    .isEqualTo(fleet.rows("shore", "select * from t order by id"));
            fleet.on("ship", "update t set v = 'mine' where id = 50");
            assertThatThrownBy(() -> syncer.sync(plan)).hasMessageContaining("1 rows of public.t");
        }
    }
}
