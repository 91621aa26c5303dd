package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.testing.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A database of the test's own on a shared server, and what the tests of indexes plant in it. */
final class Planted implements AutoCloseable {

    final DatabasePools pools = TestServers.freshFleet();
    final Database shore = pools.database("shore");

    Connection connect() throws SQLException {
        return TestServers.connect(shore.settings());
    }

    void sql(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    String one(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : "";
        }
    }

    /** A table of which nine rows in ten are gone, and its indexes with them. */
    void bloated(String table) throws SQLException {
        sql(
                "create table " + table + " (id int primary key, doc text)",
                "insert into " + table + " select g, repeat('x', 60) from generate_series(1, 60000) g",
                "delete from " + table + " where id % 10 <> 0");
        // In a session of its own: what one has deleted is counted when it ends.
        sql("vacuum analyze " + table);
    }

    /**
     * An index as REINDEX CONCURRENTLY leaves it when its session ends: the statement waits for a transaction and is ended there.
     *
     * @param write of the transaction
     */
    void leftover(String write, String index) throws SQLException {
        try (Connection old = connect();
                Statement writer = old.createStatement();
                Connection building = connect();
                Statement build = building.createStatement()) {
            old.setAutoCommit(false);
            writer.execute(write);
            build.execute("set lock_timeout = '50ms'");
            try {
                build.execute("reindex index concurrently " + index);
                throw new AssertionError("the rebuild did not wait");
            } catch (SQLException e) {
                if (!"55P03".equals(e.getSQLState())) {
                    throw e;
                }
            }
            old.rollback();
        }
    }

    @Override
    public void close() {
        pools.close();
    }
}
