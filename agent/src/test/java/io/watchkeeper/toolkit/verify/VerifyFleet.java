package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A shore and a ship with a fresh database each, and short ways to fill, read and compare them. */
final class VerifyFleet implements AutoCloseable {

    static final Work WORK = Work.unattended("verify test");

    private final DatabaseSettings shoreLogin;
    private final DatabaseSettings shipLogin;
    private final DatabasePools pools;

    VerifyFleet() {
        this(TestServers.shore(), TestServers.ship());
    }

    VerifyFleet(LocalServer shore, LocalServer ship) {
        this(
                TestServers.settings("shore", shore, TestServers.freshDatabase(shore)),
                TestServers.settings("ship", ship, TestServers.freshDatabase(ship)));
    }

    VerifyFleet(DatabaseSettings shore, DatabaseSettings ship) {
        shoreLogin = asSuperuser(shore);
        shipLogin = asSuperuser(ship);
        pools = new DatabasePools(List.of(shore, ship));
    }

    private static DatabaseSettings asSuperuser(DatabaseSettings s) {
        return new DatabaseSettings(s.name(), s.url(), "postgres", null, 8, null, true);
    }

    /** The same databases, the agent logging in as someone else there. */
    VerifyFleet loggingInAs(String shoreUser, String shipUser) {
        return new VerifyFleet(as("shore", shoreUser), as("ship", shipUser));
    }

    private DatabaseSettings as(String database, String user) {
        return new DatabaseSettings(database, login(database).url(), user, null, 8, null, true);
    }

    Database shore() {
        return pools.database("shore");
    }

    Database ship() {
        return pools.database("ship");
    }

    DatabaseSettings login(String database) {
        return database.equals("shore") ? shoreLogin : shipLogin;
    }

    void both(String sql) {
        on("shore", sql);
        on("ship", sql);
    }

    void on(String database, String sql) {
        try (Connection connection = TestServers.connect(login(database));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Each row as one text, values separated by a bar. */
    List<String> rows(String database, String sql) {
        try (Connection connection = TestServers.connect(login(database));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(rows.getString(i));
                }
                result.add(String.join("|", values));
            }
            return result;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    String value(String database, String sql) {
        return rows(database, sql).get(0);
    }

    /** The table of this name on both sides; nobody writes, so that nothing is waited for. */
    static VerifyPlan plan(String table) {
        return VerifyPlan.of(TableName.parse(table)).with(o -> o.withPatience(Duration.ZERO));
    }

    VerifyResult verify(VerifyPlan plan) throws SQLException {
        return verify(plan, null);
    }

    VerifyResult verify(String table) throws SQLException {
        return verify(plan(table), null);
    }

    VerifyResult verify(VerifyPlan plan, @Nullable Path reports) throws SQLException {
        return new TableVerifier(shore(), ship(), WORK, reports).verify(plan);
    }

    /** For example {@code missing 5, different 7}. */
    static List<String> keys(VerifyResult result) {
        return result.differingKeys().stream()
                .map(key -> key.kind() + " " + String.join("/", key.key().values()))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        pools.close();
    }
}
