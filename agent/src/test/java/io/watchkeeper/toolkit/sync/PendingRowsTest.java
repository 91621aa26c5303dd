package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.Fleet;
import io.watchkeeper.toolkit.verify.TableVerifier;
import io.watchkeeper.toolkit.verify.VerifyPlan;
import io.watchkeeper.toolkit.verify.VerifyResult;
import java.sql.SQLException;
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
}
