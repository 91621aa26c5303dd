package io.watchkeeper.toolkit.standby;

import io.watchkeeper.units.Secret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;

/** Logs in from this host as the standby will, for replication of the whole cluster. */
record ReplicationLogin(PrimaryAddress address, String role, Optional<Secret> secret) {

    private static final String TIMEOUT_SECONDS = "10";

    /**
     * Tries one of the primary's hosts.
     *
     * @return the cluster's system identifier
     */
    String attempt(PrimaryAddress.Host host) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        secret.ifPresent(password -> properties.setProperty("password", password.reveal()));
        properties.setProperty("replication", "true");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "12");
        properties.setProperty("ApplicationName", "watchkeeper login");
        properties.setProperty("connectTimeout", TIMEOUT_SECONDS);
        properties.setProperty("loginTimeout", TIMEOUT_SECONDS);
        properties.setProperty("socketTimeout", TIMEOUT_SECONDS);
        properties.setProperty("sslmode", address.sslMode());
        if (address.sslRootCert() != null) {
            properties.setProperty("sslrootcert", address.sslRootCert());
        }
        try (Connection connection =
                        DriverManager.getConnection("jdbc:postgresql://" + host + "/replication", properties);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            row.next();
            return row.getString("systemid");
        }
    }

    /** Tries all hosts. @throws SQLException of the last one, when none lets it in */
    String attempt() throws SQLException {
        SQLException failure = null;
        for (PrimaryAddress.Host host : address.hosts()) {
            try {
                return attempt(host);
            } catch (SQLException e) {
                failure = e;
            }
        }
        throw failure == null ? new SQLException("no host") : failure;
    }
}
