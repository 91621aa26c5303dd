package io.watchkeeper.demo;

import io.watchkeeper.problem.OperatorException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * What makes a standby fall behind on many a Monday: somebody reads a whole table there, slowly, and the primary's vacuum removes rows that
 * the report may still want to see, so replay waits for it.
 */
public final class DemoLag implements AutoCloseable {

    /** Further behind than this is too far, in the demo; a standby nearer than that counts as caught up for lag-remedy. */
    public static final int LIMIT_SECONDS = 10;

    private static final int ATTEMPTS = 300;

    private final Connection reader;
    private final Statement report;
    private volatile boolean over;

    private DemoLag(Connection reader, Statement report) {
        this.reader = reader;
        this.report = report;
    }

    /** From now on the standby falls behind, until its report ends or {@link #close} ends it. */
    static DemoLag begin(DemoServer standby, DemoServer shore) throws SQLException {
        awaitCopy(standby, shore);
        Properties login = new Properties();
        login.setProperty("user", DemoServer.ANALYST);
        login.setProperty("password", standby.password().reveal());
        login.setProperty("ApplicationName", "monthly report");
        Connection reader = DriverManager.getConnection(standby.server().url(DemoServer.DATABASE), login);
        Statement report = reader.createStatement();
        DemoLag lag = new DemoLag(reader, report);
        Thread thread = new Thread(lag::read, "demo-report");
        thread.setDaemon(true);
        thread.start();
        try {
            lag.awaitReport(standby);
            change(shore);
            return lag;
        } catch (SQLException | RuntimeException e) {
            lag.close();
            throw e;
        }
    }

    /** Fresh from its making, the standby may still be reading what was written before it was there. */
    private static void awaitCopy(DemoServer standby, DemoServer shore) throws SQLException {
        try (Connection writes = shore.connect();
                Statement asks = writes.createStatement();
                ResultSet position = asks.executeQuery("select pg_current_wal_lsn()::text");
                Connection copy = standby.connect();
                PreparedStatement replayed =
                        copy.prepareStatement("select pg_last_wal_replay_lsn() >= ?::pg_lsn, pg_sleep(0.1)")) {
            position.next();
            replayed.setString(1, position.getString(1));
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                try (ResultSet row = replayed.executeQuery()) {
                    row.next();
                    if (row.getBoolean(1)) {
                        return;
                    }
                }
            }
        }
        throw new OperatorException("the standby does not catch up", null);
    }

    /** Ends with an error when somebody cancels it, which is what the demo is about. */
    private void read() {
        try {
            report.execute("select state, count(*), pg_sleep(900) from incidents group by state");
        } catch (SQLException e) {
            // Cancelled, or closed with the demo.
        } finally {
            over = true;
        }
    }

    private void awaitReport(DemoServer standby) throws SQLException {
        try (Connection other = standby.connect();
                Statement statement = other.createStatement()) {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                try (ResultSet row = statement.executeQuery("""
                        select count(*), pg_sleep(0.1) from pg_stat_activity
                        where application_name = 'monthly report' and state = 'active' and backend_xmin is not null""")) {
                    row.next();
                    if (row.getLong(1) > 0) {
                        return;
                    }
                }
            }
        }
        throw new OperatorException("the report on the standby did not begin", null);
    }

    /** Rows that the report may see are written anew, the same as they were, and the old ones are vacuumed away. */
    private static void change(DemoServer shore) throws SQLException {
        try (Connection connection = shore.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("update incidents set state = state where id % 20 = 1");
            statement.execute("vacuum incidents");
        }
    }

    /** Whether nobody has ended the report. */
    public boolean goesOn() {
        return !over;
    }

    @Override
    public void close() {
        // One that is merely left would go on until it wants to say something.
        try {
            report.cancel();
            reader.close();
        } catch (SQLException e) {
            // Somebody has ended it already.
        }
    }
}
