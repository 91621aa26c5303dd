package io.watchkeeper.demo;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of the demo's servers, with a database {@value #DATABASE} that belongs to the role {@value #ROLE}, which has the rights that
 * the operating guide asks for and no more.
 */
record DemoServer(
        String name,
        LocalServer server,
        Secret password,
        @Nullable String standbyOf) {

    static final String DATABASE = "fleet";
    static final String ROLE = "watchkeeper";

    /** Who reads reports, and nothing else. */
    static final String ANALYST = "analyst";

    /** For data that lives an hour. */
    private static final Map<String, String> SETTINGS = Map.of(
            "max_wal_size", "1GB",
            "synchronous_commit", "off",
            "full_page_writes", "off",
            // A socket's path may have 107 bytes, which a long TMPDIR exceeds.
            "unix_socket_directories", "''",
            "timezone", "'Asia/Seoul'");

    /** Without passwords every account of this host could act as the account that the server runs as. */
    private static final String PASSWORDS_ONLY = """
            host all all 127.0.0.1/32 scram-sha-256
            host replication all 127.0.0.1/32 scram-sha-256
            """;

    private static final int PARAMETERS_CAN_BE_GRANTED = 15;

    /** Starts a server in a missing folder; the password is the superuser's and the role's. */
    static DemoServer start(String name, PgBinaries binaries, Path folder, Secret password) throws SQLException {
        LocalServer server = LocalServer.create(binaries, folder, SETTINGS);
        try (Connection superuser = DriverManager.getConnection(server.url("postgres"), "postgres", "")) {
            Files.writeString(server.data().resolve("pg_hba.conf"), PASSWORDS_ONLY);
            executeFormatted(superuser, "alter role postgres password %L", password);
            // Tenants take roles of their own, and policies that hold also the owner, who copies their tables.
            executeFormatted(
                    superuser,
                    "create role " + ROLE + " login replication createdb createrole bypassrls password %L",
                    password);
            executeFormatted(superuser, "create role " + ANALYST + " login password %L", password);
            try (Statement statement = superuser.createStatement()) {
                statement.execute("grant pg_monitor to " + ROLE);
                if (superuser.getMetaData().getDatabaseMajorVersion() >= PARAMETERS_CAN_BE_GRANTED) {
                    // So that a load keeps the target's triggers silent.
                    statement.execute("grant set on parameter session_replication_role to " + ROLE);
                }
                statement.execute("create database " + DATABASE + " owner " + ROLE);
                statement.execute("select pg_reload_conf()");
            }
            try (Connection fleet = DriverManager.getConnection(server.url(DATABASE), "postgres", password.reveal())) {
                grantRemedies(fleet);
            }
        } catch (IOException e) {
            server.delete();
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            server.delete();
            throw e;
        }
        return new DemoServer(name, server, password, null);
    }

    /** What remedies need beyond the rights to look. */
    private static void grantRemedies(Connection superuser) throws SQLException {
        boolean parametersCanBeGranted = superuser.getMetaData().getDatabaseMajorVersion() >= PARAMETERS_CAN_BE_GRANTED;
        try (Statement statement = superuser.createStatement()) {
            statement.execute("grant pg_signal_backend to " + ROLE);
            statement.execute("grant pg_read_all_data to " + ANALYST);
            if (parametersCanBeGranted) {
                statement.execute("grant alter system on parameter hot_standby_feedback, vacuum_cost_limit,"
                        + " autovacuum_vacuum_cost_limit to " + ROLE);
                statement.execute("grant execute on function pg_reload_conf() to " + ROLE);
                statement.execute("grant execute on function pg_show_all_file_settings() to " + ROLE);
                statement.execute("grant select on pg_file_settings to " + ROLE);
            }
        }
    }

    /**
     * A standby of this server, whose log it gets through a slot; it is not running yet, and whatever is written here from now on is kept
     * for it. A query there may hold replay up for as long as it likes.
     */
    DemoServer prepareStandby(String copyName, Path folder) throws SQLException {
        String slot = "watchkeeper_" + copyName;
        LocalServer copy = server.copyAsStandby(
                folder,
                Map.of(
                        "primary_conninfo",
                        "'host=127.0.0.1 port=%d user=%s password=%s application_name=%s'"
                                .formatted(server.port(), ROLE, password.reveal(), copyName),
                        "primary_slot_name",
                        "'" + slot + "'",
                        "cluster_name",
                        "'" + copyName + "'",
                        "max_standby_streaming_delay",
                        "-1",
                        "wal_receiver_status_interval",
                        "'1s'"));
        try (Connection connection = connect();
                PreparedStatement create =
                        connection.prepareStatement("select pg_create_physical_replication_slot(?, true)")) {
            create.setString(1, slot);
            create.execute();
        }
        String primary = name;
        return new DemoServer(copyName, copy, password, primary);
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(server.url(DATABASE), ROLE, password.reveal());
    }

    DatabaseSettings settings() {
        return new DatabaseSettings(name, server.url(DATABASE), ROLE, password, 8, standbyOf, true);
    }

    /** DDL takes no bound values; the server itself quotes them. */
    private static void executeFormatted(Connection connection, String ddl, Secret value) throws SQLException {
        String sql;
        try (PreparedStatement format = connection.prepareStatement("select format(?, ?)")) {
            format.setString(1, ddl);
            format.setString(2, value.reveal());
            try (ResultSet row = format.executeQuery()) {
                row.next();
                sql = row.getString(1);
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
