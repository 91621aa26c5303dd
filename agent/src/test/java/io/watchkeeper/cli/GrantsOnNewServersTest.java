package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.PostgresVersions;
import io.watchkeeper.testing.TestHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is printed is enough on the newest PostgreSQL, too, where subscriptions can be granted, roles give away only roles of their own, and
 * maintenance has a right of its own. Roles log in by password, without which PostgreSQL lets nobody but superusers subscribe.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrantsOnNewServersTest {

    private static final String PASSWORD = "granted-and-no-more";

    @TempDir
    Path folder;

    private PostgresVersions versions;
    private LocalServer server;
    private TestHost host;
    private int number;

    @BeforeAll
    void start() throws IOException {
        versions = new PostgresVersions();
        server = versions.server(
                PostgresVersions.available().get(PostgresVersions.available().size() - 1));
        Path access = server.data().resolve("pg_hba.conf");
        Files.writeString(
                access,
                "host all,replication shore1,shore2,shore3,ship1,ship2,ship3 127.0.0.1/32 scram-sha-256\n"
                        + Files.readString(access));
        on("postgres", "select pg_reload_conf()");
    }

    @AfterAll
    void stop() throws IOException {
        versions.close();
    }

    /** A database ashore and one aboard, each with a role that may log in and nothing else. */
    @BeforeEach
    void makeHost() throws IOException {
        number++;
        Path home = Files.createDirectories(folder.resolve("host-" + number));
        host = new TestHost(home);
        Path password = home.resolve("password");
        Files.writeString(password, PASSWORD + "\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        for (String name : List.of("shore", "ship")) {
            on("postgres", "create database " + name + number);
            on("postgres", "create role " + name + number + " login password '" + PASSWORD + "'");
        }
        Files.writeString(host.config(), """
                host: { name: shore-1, role: primary }
                databases:
                  shore: { url: "%1$s", user: shore%6$d, passwordFile: %3$s }
                  ship: { url: "%2$s", user: ship%6$d, passwordFile: %3$s }
                runbooks: %4$s
                state: %5$s
                meta: { database: shore, plans: { own: schema } }
                """.formatted(
                        server.url("shore" + number),
                        server.url("ship" + number),
                        password,
                        host.runbooks(),
                        host.state(),
                        number));
    }

    private void on(String database, String sql) {
        try (Connection connection = DriverManager.getConnection(server.url(database), "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private String ask(String database, String sql) {
        return TestHost.ask(server, database + number, sql);
    }

    private List<String> missing(String database, String feature) {
        return host.call("doctor", "--grants", "--database", database, "--feature", feature)
                .out()
                .lines()
                .filter(line -> !line.startsWith("-- " + database))
                .toList();
    }

    private void grant(String database, String feature) {
        List<String> statements = missing(database, feature);
        assertThat(statements).isNotEmpty();
        on(database + number, String.join("\n", statements));
        assertThat(missing(database, feature)).isEmpty();
    }

    private void works(String... call) {
        TestHost.Called called = host.call(call);
        assertThat(called.exitStatus()).as(called.out() + called.err()).isZero();
    }

    private void isRefused(String... call) {
        assertThat(host.call(call).exitStatus()).as("without the rights").isEqualTo(ExitStatus.FAILED);
    }

    @Test
    void streamsNeedNoMore() {
        for (String name : List.of("shore", "ship")) {
            on(
                    name + number,
                    "create role " + name + "_owner" + number + "; create table t (id int primary key, v text);"
                            + " alter table t owner to " + name + "_owner" + number);
        }
        on("shore" + number, "insert into t values (1, 'one')");
        host.runbook(
                "publish.groovy",
                "runbook('publish') { step('x') { provisionPublication('shore') { name 'fleet'; tables 'public.t' } } }");
        host.runbook(
                "stream.groovy",
                "runbook('stream') { step('x') {"
                        + " provisionSubscription('ship') { from 'shore'; publication 'fleet'; name 'fleet_ship'; handover true } } }");
        isRefused("run", "publish");

        grant("shore", "stream-source");
        works("run", "publish");
        isRefused("run", "stream");
        grant("ship", "stream-target");
        on("ship" + number, "revoke ship_owner" + number + " from ship" + number);
        assertThat(host.call("run", "stream").out())
                .as("as whom the server could not write")
                .contains("may not act as ship_owner" + number + ", who owns public.t");
        grant("ship", "stream-target");

        try {
            works("run", "stream");
            on("shore" + number, "insert into t values (2, 'two')");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> ask("ship", "select count(*) from t").equals("2"));
            works("run", "stream");
        } finally {
            on("ship" + number, "alter subscription fleet_ship disable");
            on("ship" + number, "alter subscription fleet_ship set (slot_name = none)");
            on("ship" + number, "drop subscription fleet_ship");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> ask("shore", "select count(*) from pg_replication_slots where active")
                            .equals("0"));
            on("shore" + number, "select pg_drop_replication_slot(slot_name) from pg_replication_slots");
        }
    }

    @Test
    void tenantsNeedNoMoreAlsoWhereAnotherRoleMadeTheGroups() {
        on("postgres", "create role watchkeeper_tenants nologin; create role watchkeeper_held nologin");
        on(
                "shore" + number,
                "create role app_owner; create table notes (tenant_id text not null, note text);"
                        + " alter table notes owner to app_owner; create index on notes (tenant_id)");
        String[] create = {"tenant", "create", "acme", "--region", "kr", "--plan", "large"};
        isRefused(create);

        grant("shore", "tenants");

        works(create);
        works("tenant", "suspend", "acme");
        works("tenant", "resume", "acme");
        works("tenant", "verify");
        assertThat(ask("shore", "select pg_has_role('shore" + number + "', 'watchkeeper_held', 'usage')"))
                .as("the agent is not held itself")
                .isEqualTo("f");
    }

    @Test
    void vacuumNeedsNoMore() {
        on(
                "shore" + number,
                "create role vacuumed; create table t (id int primary key); alter table t owner to vacuumed");
        host.runbook(
                "upkeep.groovy", "runbook('upkeep') { step('x') { vacuum('shore', 't'); check('vacuumed', true) } }");
        isRefused("run", "upkeep");

        grant("shore", "vacuum");

        works("run", "upkeep");
    }
}
