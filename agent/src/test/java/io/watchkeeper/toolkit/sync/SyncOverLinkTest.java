package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.ShortPatience;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.copy.Fleet;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rounds over a link to the source that comes and goes. */
class SyncOverLinkTest {

    private FlakyLink link;
    private DatabasePools pools;
    private String shore;
    private String ship;

    @BeforeEach
    void openLink() throws SQLException {
        shore = TestServers.freshDatabase(TestServers.shore());
        ship = TestServers.freshDatabase(TestServers.ship());
        onShore("create table t (id bigint primary key, v text)");
        onShip("create table t (id bigint primary key, v text)");
        onShore("insert into t select g, repeat(md5(g::text), 20) from generate_series(1, 20000) g; analyze t");
        link = FlakyLink.to(TestServers.shore());
        pools = ShortPatience.pools(
                link.settings("shore", shore), TestServers.settings("ship", TestServers.ship(), ship));
    }

    @AfterEach
    void closeLink() {
        pools.close();
        link.close();
    }

    private void onShore(String sql) throws SQLException {
        on(TestServers.connect(TestServers.settings("shore", TestServers.shore(), shore)), sql);
    }

    private void onShip(String sql) throws SQLException {
        on(TestServers.connect(TestServers.settings("ship", TestServers.ship(), ship)), sql);
    }

    private static void on(Connection opened, String sql) throws SQLException {
        try (Connection connection = opened;
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String digest(Connection opened) throws SQLException {
        try (Connection connection = opened;
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) || ' ' || sum(hashtext(t::text)) from t t")) {
            row.next();
            return row.getString(1);
        }
    }

    private TableSyncer syncer(Largeness largeness) {
        return new TableSyncer(
                pools.database("shore"), pools.database("ship"), Fleet.WORK, Duration.ofSeconds(1), largeness);
    }

    private void assertSame() throws SQLException {
        assertThat(digest(TestServers.connect(TestServers.settings("ship", TestServers.ship(), ship))))
                .isEqualTo(digest(TestServers.connect(TestServers.settings("shore", TestServers.shore(), shore))));
    }

    @Test
    @Tag("campaign")
    void aLargeBacklogGetsThroughALinkThatComesAndGoes() throws SQLException {
        SyncPlan plan = SyncPlan.of(TableName.parse("t"))
                .with(options -> options.withPace(options.pace().withBatch(1000L)));
        syncer(Largeness.NEVER).sync(plan);
        onShore("update t set v = v || 'x'; delete from t where id <= 100");
        link.bytesPerSecond(4_000_000);
        link.flap(FlakyLink.Fault.CUT, Duration.ofMillis(1200), Duration.ofMillis(200));
        SyncResult result = syncer(new Largeness(1, 1)).sync(plan);
        int downs = link.downs();
        link.steady();
        assertSame();
        assertThat(downs).as("times the link was away").isPositive();
        assertThat(result.rowsDeleted()).isEqualTo(100);
        assertThat(result.localEdits()).isZero();
    }

    @Test
    void aRoundOverADeadLinkEndsAndTheNextOneMakesUpForIt() throws SQLException {
        SyncPlan plan = SyncPlan.of(TableName.parse("t"));
        syncer(Largeness.NEVER).sync(plan);
        onShore("update t set v = 'y' where id <= 50");
        link.freeze();
        long start = System.nanoTime();
        assertThatThrownBy(() -> syncer(Largeness.NEVER).sync(plan)).hasMessageContaining("shore");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(40));
        link.thaw();
        assertThat(syncer(Largeness.NEVER).sync(plan).rowsWritten()).isEqualTo(50);
        assertSame();
    }
}
