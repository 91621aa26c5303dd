package io.watchkeeper.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * What a daily checklist is for: a third of a table deleted and nothing vacuumed, a sequence near its end, the same index twice, a partition that
 * nobody made, and somebody who began a transaction and went home.
 */
public final class DemoTrouble implements AutoCloseable {

    /** Whose transaction is open. */
    public static final String SESSION = "purchasing";

    private final DemoServer shore;
    private final Connection left;

    private DemoTrouble(DemoServer shore, Connection left) {
        this.shore = shore;
        this.left = left;
    }

    /** All of it is there, and seen by the server's counters, when this returns. */
    static DemoTrouble plant(DemoServer shore) throws SQLException {
        try (Connection connection = shore.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(DemoData.file("yard.sql"));
        }
        Properties login = new Properties();
        login.setProperty("user", DemoServer.ROLE);
        login.setProperty("password", shore.password().reveal());
        login.setProperty("ApplicationName", SESSION);
        // As in psql: no portal stays open that would keep VACUUM from removing what is deleted afterwards.
        login.setProperty("preferQueryMode", "simple");
        Connection left = DriverManager.getConnection(shore.server().url(DemoServer.DATABASE), login);
        try (Statement begun = left.createStatement()) {
            left.setAutoCommit(false);
            begun.execute("select count(*) from yard.work_orders");
            deleteAThird(shore);
            return new DemoTrouble(shore, left);
        } catch (SQLException e) {
            left.close();
            throw e;
        }
    }

    /** A session tells the counters at its end what it has done. */
    private static void deleteAThird(DemoServer shore) throws SQLException {
        try (Connection connection = shore.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("delete from yard.deliveries where id % 3 = 0");
            // Long enough for the open transaction to be more than a second old.
            statement.execute("select pg_sleep(1.2)");
        }
    }

    /** Rows that are dead in the table that nobody vacuumed. */
    public long deadRows() throws SQLException {
        try (Connection connection = shore.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select n_dead_tup from pg_stat_user_tables where relid = 'yard.deliveries'::regclass")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Whoever had gone home comes back. */
    @Override
    public void close() {
        try {
            left.close();
        } catch (SQLException e) {
            // Somebody has ended it already.
        }
    }
}
