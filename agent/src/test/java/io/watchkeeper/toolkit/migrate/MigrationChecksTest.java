package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What keeps a migration from beginning, on a primary with a standby. */
class MigrationChecksTest {

    private final MigrationChecks checks = new MigrationChecks(List.of(), Clock.systemUTC(), MigrationRig.WORK);

    @Test
    void refusesAStandbyAndAPrimaryWhoseStandbyIsFarBehind() throws Exception {
        LocalServer primary = TestServers.own(Map.of());
        LocalServer standby = StandbyServers.of(primary);
        try (DatabasePools pools = new DatabasePools(List.of(
                TestServers.settings("shore", primary, "postgres"),
                TestServers.settings("copy", standby, "postgres")))) {
            Database shore = pools.database("shore");
            Awaitility.await().untilAsserted(() -> assertThat(lag(shore)).isZero());
            checks.require(List.of(shore), Bytes.of(0));

            assertThatThrownBy(() -> checks.require(List.of(shore, pools.database("copy")), Bytes.gigabytes(1)))
                    .isInstanceOf(OperatorException.class)
                    .hasMessage("database 'copy' is a standby");

            StandbyServers.pauseReplay(standby);
            try (Session session = shore.open(MigrationRig.WORK)) {
                session.runVerbatim("create table filler as select repeat('x', 1000) from generate_series(1, 2000)");
            }
            assertThatThrownBy(() -> checks.require(List.of(shore), Bytes.kilobytes(100)))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("a replica of database 'shore' is")
                    .hasMessageContaining("behind, and 100 KB are allowed");
            checks.require(List.of(shore), Bytes.gigabytes(1));
        } finally {
            standby.delete();
            primary.delete();
        }
    }

    private static long lag(Database database) throws Exception {
        try (Session session = database.open(MigrationRig.WORK)) {
            return session.one("""
                    select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 1)::bigint from pg_stat_replication""", row -> row.getLong(1));
        }
    }
}
