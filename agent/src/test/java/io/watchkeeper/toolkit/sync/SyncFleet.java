package io.watchkeeper.toolkit.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.SourceCluster;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.copy.Fleet;
import io.watchkeeper.units.Ratio;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** A shore and a ship with a fresh database each, and short ways to change, sync and compare tables. */
final class SyncFleet implements AutoCloseable {

    /** Table {@code t} as most cases have it. */
    static final String TABLE = "create table t (id bigint primary key, v bigint unique, n int, filler text)";

    /** A hundred rows in it. */
    static final String ROWS = "insert into t select i, i, 0, 'row ' || i from generate_series(1, 100) i";

    private static final Work WORK = Work.unattended("sync test");

    private final Fleet fleet;

    SyncFleet() {
        this(TestServers.shore(), TestServers.ship());
    }

    SyncFleet(LocalServer shore, LocalServer ship) {
        this(new Fleet(shore, ship));
    }

    SyncFleet(Fleet fleet) {
        this.fleet = fleet;
    }

    /** Table {@code t} with a hundred rows, synced for the first time. */
    static SyncFleet withTable() throws SQLException {
        return withTable(new SyncFleet());
    }

    static SyncFleet withTable(SyncFleet fleet) throws SQLException {
        fleet.both(TABLE);
        fleet.shore(ROWS);
        assertThat(fleet.sync("t").mode()).isEqualTo(SyncMode.FULL);
        fleet.assertSame("t");
        return fleet;
    }

    /** The same databases, the source's being another server of its cluster. */
    SyncFleet from(LocalServer server) {
        DatabaseSettings shore = fleet.login("shore");
        String database = shore.url().substring(shore.url().lastIndexOf('/') + 1);
        return new SyncFleet(new Fleet(TestServers.settings("shore", server, database), fleet.login("ship")));
    }

    static SyncFleet of(SourceCluster cluster) {
        return new SyncFleet(cluster.primary(), TestServers.ship());
    }

    Fleet fleet() {
        return fleet;
    }

    TableSyncer syncer() {
        return syncer(WORK);
    }

    TableSyncer syncer(Work work) {
        return new TableSyncer(fleet.shore(), fleet.ship(), work);
    }

    TableSyncer syncer(Largeness largeness) {
        return syncer(WORK, largeness);
    }

    TableSyncer syncer(Work work, Largeness largeness) {
        return new TableSyncer(fleet.shore(), fleet.ship(), work, Duration.ofSeconds(30), largeness);
    }

    SyncResult sync(String table) throws SQLException {
        return sync(plan(table));
    }

    SyncResult sync(SyncPlan plan) throws SQLException {
        return syncer().sync(plan);
    }

    static SyncPlan plan(String table) {
        return SyncPlan.of(TableName.parse(table));
    }

    /** However much of it may be deleted. */
    static SyncPlan withoutBrake(String table) {
        return plan(table).with(o -> o.withMaxDeletes(MaxDeletes.of(Ratio.percent(100))));
    }

    void shore(String sql) {
        fleet.on("shore", sql);
    }

    void ship(String sql) {
        fleet.on("ship", sql);
    }

    void both(String sql) {
        fleet.both(sql);
    }

    List<String> onShore(String sql) {
        return fleet.rows("shore", sql);
    }

    List<String> onShip(String sql) {
        return fleet.rows("ship", sql);
    }

    /** Every column of every row. */
    void assertSame(String table) {
        String sql = "select r::text from " + table + " r order by 1";
        assertThat(onShip(sql)).isEqualTo(onShore(sql));
    }

    /** A session of the source in which a transaction can stay open; it is rolled back when closed. */
    Writer writer() throws SQLException {
        return new Writer(TestServers.connect(fleet.login("shore")));
    }

    /** A session of the target. */
    Writer writerAboard() throws SQLException {
        return new Writer(TestServers.connect(fleet.login("ship")));
    }

    @Override
    public void close() {
        fleet.close();
    }

    /** Somebody else's session. */
    static final class Writer implements AutoCloseable {
        private final Connection connection;
        private final Statement statement;

        private Writer(Connection connection) throws SQLException {
            this.connection = connection;
            this.statement = connection.createStatement();
        }

        Writer run(String sql) throws SQLException {
            statement.execute(sql);
            return this;
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
