package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A shore and a ship with a fresh database each, and short ways to fill and read them. */
public final class Fleet implements AutoCloseable {

    public static final Work WORK = Work.unattended("copy test");

    private final DatabaseSettings shoreLogin;
    private final DatabaseSettings shipLogin;
    private final DatabasePools pools;

    public Fleet() {
        this(TestServers.shore(), TestServers.ship());
    }

    public Fleet(LocalServer shore, LocalServer ship) {
        this(
                TestServers.settings("shore", shore, TestServers.freshDatabase(shore)),
                TestServers.settings("ship", ship, TestServers.freshDatabase(ship)));
    }

    public Fleet(DatabaseSettings shore, DatabaseSettings ship) {
        shoreLogin = asSuperuser(shore);
        shipLogin = asSuperuser(ship);
        pools = new DatabasePools(List.of(shore, ship));
    }

    private static DatabaseSettings asSuperuser(DatabaseSettings s) {
        return new DatabaseSettings(s.name(), s.url(), "postgres", null, 8, null, true);
    }

    /** The same databases, the agent logging in as someone else there. */
    public Fleet loggingInAs(String shoreUser, String shipUser) {
        return new Fleet(as("shore", shoreUser), as("ship", shipUser));
    }

    private DatabaseSettings as(String database, String user) {
        return new DatabaseSettings(database, login(database).url(), user, null, 8, null, true);
    }

    public Database shore() {
        return pools.database("shore");
    }

    public Database ship() {
        return pools.database("ship");
    }

    public DatabaseSettings login(String database) {
        return database.equals("shore") ? shoreLogin : shipLogin;
    }

    /** Runs SQL on both sides. */
    public void both(String sql) {
        on("shore", sql);
        on("ship", sql);
    }

    public void on(String database, String sql) {
        try (Connection connection = TestServers.connect(login(database));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Each row as one text, values separated by a bar. */
    public List<String> rows(String database, String sql) {
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

    public String value(String database, String sql) {
        return rows(database, sql).get(0);
    }

    public CopyResult copy(CopyPlan plan) throws SQLException {
        return copy(plan, WORK);
    }

    public CopyResult copy(CopyPlan plan, Work work) throws SQLException {
        return new TableCopier(shore(), ship(), work).copy(plan);
    }

    public CopyResult copy(String table) throws SQLException {
        return copy(CopyPlan.of(TableName.parse(table)));
    }

    public TableSetResult copyAll(String... patterns) throws SQLException {
        return new TableSetCopier(shore(), ship(), WORK).copy(TableSetPlan.of(List.of(patterns), List.of()));
    }

    @Override
    public void close() {
        pools.close();
    }
}
