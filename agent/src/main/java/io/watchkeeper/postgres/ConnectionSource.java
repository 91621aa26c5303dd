package io.watchkeeper.postgres;

import java.io.PrintWriter;
import java.net.SocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.util.HostSpec;

/**
 * Where the pool gets its connections from. The pool connects in a thread of its own and tries again until its caller's time
 * is up, so that a refusal is said late; {@link #connectAhead} connects in the caller's thread and fails at once, and the
 * pool takes what it made.
 */
final class ConnectionSource implements DataSource {

    private static final AtomicLong CONNECTIONS = new AtomicLong();

    private final DatabaseSettings settings;
    private final LinkLimits limits;
    private final Map<Connection, TappedSocket> sockets = new WeakHashMap<>();
    private final Queue<Connection> ready = new ConcurrentLinkedQueue<>();

    ConnectionSource(DatabaseSettings settings, LinkLimits limits) {
        this.settings = settings;
        this.limits = limits;
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
        String label = label();
        try {
            Connection connection = DriverManager.getConnection(settings.url(), properties(label));
            TappedSocket socket = KeepAliveSocketFactory.claim(label);
            if (socket != null) {
                synchronized (sockets) {
                    sockets.put(connection, socket);
                }
            }
            return connection;
        } finally {
            abandon(label);
        }
    }

    /**
     * A connection beside the pool to the server that another one leads to, whatever hosts and roles the address allows.
     *
     * @param like where it leads by name, which a certificate is checked against
     * @param address where it leads
     */
    Connection connectBeside(HostSpec like, SocketAddress address) throws SQLException {
        String label = label();
        Properties properties = Driver.parseURL(settings.url(), properties(label));
        if (properties == null) {
            throw new SQLException("not an address of PostgreSQL: " + settings.url());
        }
        // The URL's own parameters come last, so that they would win over these if it was used once more.
        properties.setProperty("PGHOST", like.getHost());
        properties.setProperty("PGPORT", Integer.toString(like.getPort()));
        properties.setProperty("targetServerType", "any");
        properties.setProperty("loginTimeout", Integer.toString(limits.connectSeconds()));
        properties.setProperty("ApplicationName", "watchkeeper link watch");
        KeepAliveSocketFactory.fix(label, address);
        try {
            Connection connection = DriverManager.getConnection("jdbc:postgresql:///", properties);
            KeepAliveSocketFactory.claim(label);
            return connection;
        } finally {
            abandon(label);
        }
    }

    private String label() {
        return settings.name() + " " + CONNECTIONS.incrementAndGet();
    }

    /** Ends an attempt that failed: the driver leaves one that takes too long to a thread, which would wait for the link. */
    private static void abandon(String label) {
        TappedSocket socket = KeepAliveSocketFactory.claim(label);
        if (socket != null) {
            socket.cut();
        }
    }

    /** A connection of its own, not the pool's, on which the server takes replication commands. */
    Connection connectForReplication(String applicationName) throws SQLException {
        String label = label();
        Properties properties = properties(label);
        properties.setProperty("ApplicationName", applicationName);
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        // A snapshot that it exported lives as long as its transaction idles.
        properties.setProperty("options", "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0");
        try {
            Connection connection = DriverManager.getConnection(settings.url(), properties);
            KeepAliveSocketFactory.claim(label);
            return connection;
        } finally {
            abandon(label);
        }
    }

    /** The socket below a physical connection; null when it is not one of this agent's making. */
    @Nullable
    TappedSocket socket(Connection connection) {
        synchronized (sockets) {
            return sockets.get(connection);
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
        properties.setProperty("connectTimeout", Integer.toString(limits.connectSeconds()));
        properties.setProperty("loginTimeout", Integer.toString(limits.loginSeconds()));
        // Results are read whole; one that is too large must fail, and not take the agent with it.
        properties.setProperty("maxResultBuffer", "20p");
        properties.setProperty("cancelSignalTimeout", "5");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("socketFactory", KeepAliveSocketFactory.class.getName());
        properties.setProperty("socketFactoryArg", label);
        properties.setProperty("hostRecheckSeconds", "2");
        if (settings.tls() != null) {
            TlsSocketFactory.configure(settings.tls(), properties);
        }
        if (settings.requireScram()) {
            properties.setProperty("requireAuth", "scram-sha-256");
            if (settings.tls() != null) {
                // Proves that the TLS connection ends at the server that knows the password, and not at somebody
                // between.
                properties.setProperty("channelBinding", "require");
            }
        }
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
        return limits.connectSeconds();
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
