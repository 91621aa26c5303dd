package io.watchkeeper.postgres;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where the pool gets its connections from. The pool connects in a thread of its own and tries again until its caller's time
 * is up, so that a refusal is said late; {@link #connectAhead} connects in the caller's thread and fails at once, and the
 * pool takes what it made.
 */
final class ConnectionSource implements DataSource {

    /** Connecting takes up to nine round trips with TLS and SCRAM, and a satellite's takes 600 ms. */
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(8);

    private static final AtomicLong CONNECTIONS = new AtomicLong();

    private final DatabaseSettings settings;
    private final Map<Connection, CopyTap> taps = new WeakHashMap<>();
    private final Queue<Connection> ready = new ConcurrentLinkedQueue<>();

    ConnectionSource(DatabaseSettings settings) {
        this.settings = settings;
    }

    void connectAhead() throws SQLException {
        if (ready.isEmpty()) {
            ready.add(connect());
        }
    }

    void closeReady() {
        for (Connection one = ready.poll(); one != null; one = ready.poll()) {
            try {
                one.close();
            } catch (SQLException e) {
                // Gone already.
            }
        }
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection made = ready.poll();
        return made != null && !made.isClosed() ? made : connect();
    }

    private Connection connect() throws SQLException {
        String label = settings.name() + " " + CONNECTIONS.incrementAndGet();
        try {
            Connection connection = DriverManager.getConnection(settings.url(), properties(label));
            TappedSocket socket = KeepAliveSocketFactory.claim(label);
            if (socket != null && socket.tap() != null) {
                synchronized (taps) {
                    taps.put(connection, socket.tap());
                }
            }
            return connection;
        } finally {
            KeepAliveSocketFactory.claim(label);
        }
    }

    /** Where the rows of a COPY can be taken from a physical connection; null when nowhere. */
    @Nullable
    CopyTap tap(Connection connection) {
        synchronized (taps) {
            return taps.get(connection);
        }
    }

    private Properties properties(String label) {
        Properties properties = new Properties();
        properties.setProperty("user", settings.user());
        if (settings.password() != null) {
            properties.setProperty("password", settings.password().reveal());
        }
        properties.setProperty("ApplicationName", "watchkeeper");
        // Sends the session's settings with the login instead of in two more round trips.
        properties.setProperty("assumeMinServerVersion", "14");
        properties.setProperty("connectTimeout", Long.toString(CONNECT_TIMEOUT.toSeconds()));
        properties.setProperty("loginTimeout", Long.toString(CONNECT_TIMEOUT.toSeconds() + 2));
        // Results are read whole; one that is too large must fail, and not take the agent with it.
        properties.setProperty("maxResultBuffer", "20p");
        properties.setProperty("cancelSignalTimeout", "5");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("socketFactory", KeepAliveSocketFactory.class.getName());
        properties.setProperty("socketFactoryArg", label);
        properties.setProperty("hostRecheckSeconds", "2");
        return properties;
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("the login is the configuration's");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
        return (int) CONNECT_TIMEOUT.toSeconds();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("nothing is wrapped here");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
