package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The source's password in a copy by the target's server, on a server that writes down all it can; and who may do such copies. */
class FdwSecretTest {

    private static final String PASSWORD = "s3cret 'qu\\oted' pässwort";
    private static final CopyPlan T = CopyPlan.of(TableName.parse("t")).with(o -> o.withMethod(CopyMethod.FDW));

    private static LocalServer server;

    private Fleet admin;

    @BeforeAll
    static void start() throws IOException {
        server = TestServers.own(Map.of(
                "log_statement", "all",
                "log_min_duration_statement", "0",
                "log_min_error_statement", "debug5",
                "log_error_verbosity", "verbose",
                "log_duration", "on",
                "debug_print_parse", "on",
                "shared_preload_libraries", "'pg_stat_statements,auto_explain'",
                "pg_stat_statements.track", "all",
                "auto_explain.log_min_duration", "0",
                "auto_explain.log_nested_statements", "on"));
        Path access = server.data().resolve("pg_hba.conf");
        Files.writeString(access, "host all fdw_reader 127.0.0.1/32 scram-sha-256\n" + Files.readString(access));
        TestServers.execute(server, "postgres", "select pg_reload_conf()");
        TestServers.execute(
                server,
                "postgres",
                "set log_statement = none; set log_min_duration_statement = -1; set debug_print_parse = off;"
                        + " set auto_explain.log_min_duration = -1; set pg_stat_statements.track = none;"
                        + " create role writer login; set log_duration = off; set log_min_error_statement = panic;"
                        + " set password_encryption = 'scram-sha-256'; create role fdw_reader login password 's3cret ''qu\\oted'' pässwort'");
    }

    @AfterAll
    static void stop() {
        server.delete();
    }

    @BeforeEach
    void open() {
        admin = new Fleet(server, server);
        admin.both("create table t (id int)");
        admin.on("shore", "insert into t select generate_series(1, 100); grant select on t to fdw_reader");
        admin.on("ship", """
                create extension postgres_fdw; create extension pg_stat_statements;
                grant usage on foreign data wrapper postgres_fdw to writer; grant select, insert, truncate on t to writer""");
    }

    @AfterEach
    void close() {
        admin.both("drop owned by fdw_reader, writer cascade");
        admin.close();
    }

    private Fleet fleet(String shoreUser, @Nullable String password, String shipUser) {
        return new Fleet(
                as("shore", shoreUser, password == null ? null : Secret.of(password)), as("ship", shipUser, null));
    }

    private DatabaseSettings as(String database, String user, @Nullable Secret password) {
        return new DatabaseSettings(database, admin.login(database).url(), user, password, 8, null, true);
    }

    @Test
    void thePasswordIsNowhere() throws Exception {
        try (Fleet fleet = fleet("fdw_reader", PASSWORD, "postgres")) {
            assertThat(fleet.copy(T).verified()).isTrue();

            assertThat(new TableCopier(fleet.shore(), fleet.ship(), new ReadOnlyWork()).describe(T))
                    .extracting(PlannedAction::sql)
                    .anyMatch(sql -> sql.contains("OPTIONS (ADD password"))
                    .noneMatch(sql -> sql.contains("s3cret"));
        }

        assertThat(Files.readString(server.data().resolveSibling("server.log"), StandardCharsets.UTF_8))
                .contains("DO $handover$", "INSERT INTO public.t")
                .doesNotContain("s3cret");
        assertThat(admin.rows("ship", "select query from pg_stat_statements where query like '%handover%'"))
                .isNotEmpty();
        assertThat(admin.rows("ship", "select query from pg_stat_statements where query ~ 's3[c]ret'"))
                .isEmpty();
        FdwCopyTest.assertNothingLeft(admin);
    }

    @Test
    void aServerThatWouldWriteThePasswordDownDoesNotGetIt() throws Exception {
        try (Fleet fleet = fleet("fdw_reader", PASSWORD, "writer")) {
            assertThatThrownBy(() -> fleet.copy(T)).isInstanceOfSatisfying(OperatorException.class, e -> {
                assertThat(e)
                        .hasMessageContaining(
                                "would write down the password of the source: pg_stat_statements.track is" + " 'all'");
                assertThat(e.hint()).startsWith("ALTER ROLE writer SET pg_stat_statements.track = 'top';");
            });

            admin.on("ship", "alter role writer set pg_stat_statements.track = 'top'");
        }
        try (Fleet fleet = fleet("fdw_reader", PASSWORD, "writer")) {
            assertThat(fleet.copy(T).rowsWritten()).isEqualTo(100);
            assertThat(Files.readString(server.data().resolveSibling("server.log")))
                    .doesNotContain("s3cret");
        } finally {
            admin.on("ship", "alter role writer reset all");
        }
    }

    @Test
    void aPasswordThatTheSourceRefusesIsNotShownEither() {
        try (Fleet shared = new Fleet()) {
            shared.both("create table t (id int)");
            // The shared server asks nobody, the one at the other address does.
            shared.on("shore", "create role fdw_reader login; grant select on t to fdw_reader");
            DatabaseSettings shore = new DatabaseSettings(
                    "shore", shared.login("shore").url(), "fdw_reader", Secret.of("wr0ng one"), 8, null, true);
            try (Fleet fleet = new Fleet(shore, as("ship", "postgres", null))) {
                assertThatThrownBy(() -> fleet.copy(T.with(o -> o.withSourceAddress("127.0.0.1:" + server.port()))))
                        .hasMessageContaining("password authentication failed for user \"fdw_reader\"")
                        .hasMessageNotContaining("wr0ng");
            } finally {
                shared.on("shore", "drop owned by fdw_reader; drop role fdw_reader");
            }
        }
    }

    @Test
    void whatIsMissingIsNamedWithItsStatement() {
        try (Fleet fleet = fleet("postgres", null, "writer")) {
            admin.on("ship", "alter role writer set pg_stat_statements.track = 'top'");
            assertRefused(
                    fleet,
                    "lets role 'writer' of 'ship', who is no superuser, reach 'shore' only by a password",
                    "set databases.shore.password, and in pg_hba.conf of 'shore' scram-sha-256");
            String database = admin.value("ship", "select current_database()");
            admin.on("ship", "revoke temporary on database " + database + " from public");
            assertRefused(
                    fleet,
                    "role 'writer' may not make temporary tables",
                    "GRANT TEMPORARY ON DATABASE " + database + " TO writer;");
            admin.on("ship", "revoke usage on foreign data wrapper postgres_fdw from writer");
            assertRefused(
                    fleet,
                    "role 'writer' may not use postgres_fdw in database 'ship'",
                    "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO writer;");
            admin.on("ship", "drop extension postgres_fdw");
            assertRefused(
                    fleet,
                    "needs the extension postgres_fdw, which database 'ship' does not have",
                    "as a superuser there: CREATE EXTENSION postgres_fdw;");
        } finally {
            admin.on("ship", "alter role writer reset all");
        }
    }

    private static void assertRefused(Fleet fleet, String message, String hint) {
        assertThatThrownBy(() -> fleet.copy(T)).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessageContaining(message);
            assertThat(e.hint()).startsWith(hint);
        });
    }
}
