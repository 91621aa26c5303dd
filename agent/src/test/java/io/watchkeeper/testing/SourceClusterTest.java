package io.watchkeeper.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What is done to a cluster is done to its standby too, or it would prove nothing. */
class SourceClusterTest {

    @Test
    void survivesMovesKillsAndFailoverWithItsRows() throws Exception {
        try (SourceCluster cluster = new SourceCluster()) {
            TestServers.execute(cluster.primary(), "postgres", "create table t as select 1::bigint as id");
            cluster.standby();
            for (long border : new long[] {1L << 31, 1L << 32}) {
                cluster.moveTransactionCounter(border - 2);
                assertThat(cluster.nextTransaction()).isBetween(border - 2, border + 10);
                for (int i = 0; i < 5; i++) {
                    TestServers.execute(
                            cluster.primary(), "postgres", "insert into t values (" + border + " + " + i + ")");
                }
                assertThat(cluster.nextTransaction()).isGreaterThan(border);
            }
            SourceCluster.kill(cluster.primary());
            SourceCluster.startAgain(cluster.primary());
            SourceCluster.kill(cluster.standby());
            SourceCluster.startAgain(cluster.standby());
            cluster.cutReplication();
            TestServers.execute(cluster.primary(), "postgres", "insert into t values (0)");
            cluster.failOver();
            try (Connection connection = TestServers.connect(cluster.primary(), "postgres");
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("select count(*), count(*) filter (where id = 0) from t")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(11);
                assertThat(rows.getInt(2)).as("the lost commit").isZero();
            }
            cluster.switchOver();
            assertThat(cluster.nextTransaction()).isGreaterThan(1L << 32);
        }
    }
}
