package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A role that has nothing but what was printed as missing can do what the feature is, and before it could not. */
class GrantsReportTest {

    private static final String ROLE = "grants Tést";
    private static final String QUOTED = '"' + ROLE + '"';
    private static final String OWNER = "grants_owner";
    private static final String TENANT = "grants-" + ProcessHandle.current().pid() + "-";

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeRoles() throws IOException {
        host = new TestHost(home);
        for (LocalServer server : List.of(TestServers.shore(), TestServers.ship())) {
            String database = server == TestServers.shore() ? host.shoreDatabase() : host.shipDatabase();
            TestServers.execute(server, database, "create role " + QUOTED + " login; create role " + OWNER);
            TestServers.execute(server, database, """
                    create schema "App One"; grant all on schema "App One" to %1$s; set role %1$s;
                    create table "App One".a (id serial primary key, name text, at date not null default '2026-11-01');
                    create table "App One"."B b" (id int primary key, name text);
                    create table "App One".p (id int, at date not null, primary key (id, at)) partition by range (at);
                    create table "App One".p_2026_11 partition of "App One".p for values from ('2026-11-01') to ('2026-12-01')
                    """.formatted(OWNER));
        }
        host.onShore("insert into \"App One\".a (name) select 'n' || i from generate_series(1, 100) i");
        String config = Files.readString(host.config());
        Files.writeString(
                host.config(),
                config.replace("user: postgres", "user: '" + ROLE + "'") + "backups: { repository: "
                        + home.resolve("repository") + " }\n");
    }

    @AfterEach
    void dropRoles() {
        for (LocalServer server : List.of(TestServers.shore(), TestServers.ship())) {
            String database = server == TestServers.shore() ? host.shoreDatabase() : host.shipDatabase();
            TestServers.execute(server, database, """
                    drop schema if exists watchkeeper cascade; drop schema "App One" cascade;
                    drop owned by %1$s, %2$s; drop role %1$s; drop role %2$s""".formatted(QUOTED, OWNER));
        }
    }

    private List<String> missing(String database, String... features) throws IOException {
        String[] call = new String[4 + 2 * features.length];
        System.arraycopy(new String[] {"doctor", "--grants", "--database", database}, 0, call, 0, 4);
        for (int i = 0; i < features.length; i++) {
            call[4 + 2 * i] = "--feature";
            call[5 + 2 * i] = features[i];
        }
        TestHost.Called called = host.call(call);
        List<String> statements =
                called.out().lines().filter(line -> !line.startsWith("--")).toList();
        assertThat(called.exitStatus()).as(called.err()).isEqualTo(statements.isEmpty() ? 0 : 1);
        return statements;
    }

    /** Gives just what is printed, then nothing is missing any more. */
    private void grant(String database, String... features) throws IOException {
        List<String> statements = missing(database, features);
        assertThat(statements).isNotEmpty();
        String all = String.join("\n", statements);
        if (database.equals("shore")) {
            host.onShore(all);
        } else {
            host.onShip(all);
        }
        assertThat(missing(database, features)).isEmpty();
    }

    private void works(String... call) {
        TestHost.Called called = host.call(call);
        assertThat(called.exitStatus()).as(called.out() + called.err()).isZero();
    }

    private void isRefused(String... call) {
        assertThat(host.call(call).exitStatus()).as("without the rights").isEqualTo(ExitStatus.FAILED);
    }

    @Test
    void printsEachStatementAsPsqlTakesIt() throws Exception {
        TestHost.Called called = host.call("doctor", "--grants", "--database", "shore", "--feature", "sync-source");

        assertThat(called.out().lines())
                .startsWith(
                        "-- shore, sync-source: role " + ROLE + " in database " + host.shoreDatabase() + ", missing",
                        "GRANT pg_monitor TO " + QUOTED + ";",
                        "GRANT USAGE ON SCHEMA \"App One\" TO " + QUOTED + ";")
                .anyMatch(line -> line.startsWith("GRANT SELECT ON TABLE \"App One\".\"B b\", \"App One\".a, "));
        JsonNode document = new ObjectMapper()
                .readTree(host.call("doctor", "--grants", "--database", "shore", "--json")
                        .out());
        assertThat(document.at("/grants/0/feature").asText()).isEqualTo("checks");
        assertThat(document.at("/grants/0/missing/0").asText()).isEqualTo("GRANT pg_monitor TO " + QUOTED + ";");
    }

    @Test
    void whatIsWrongInTheCallIsSaid() {
        assertThat(host.call("doctor", "--grants", "--feature", "sync").err())
                .contains("there is no feature 'sync'", "sync-source");
        assertThat(host.call("doctor", "--grants", "--database", "shroe").err()).contains("did you mean 'shore'?");
        assertThat(host.call("doctor", "--feature", "checks").exitStatus()).isEqualTo(ExitStatus.USAGE);
    }

    @Test
    void aSuperuserLacksNothing() throws IOException {
        Files.writeString(host.config(), Files.readString(host.config()).replace("'" + ROLE + "'", "postgres"));

        for (String feature : io.watchkeeper.doctor.Feature.words()) {
            assertThat(missing("shore", feature)).as(feature).isEmpty();
        }
    }

    @Test
    void syncNeedsNoMore() throws IOException {
        String[] sync = {"sync", "--from", "shore", "--to", "ship", "--table", "\"App One\".a"};
        isRefused(sync);

        grant("shore", "sync-source");
        grant("ship", "sync-target");

        works(sync);
        works("verify", "--from", "shore", "--to", "ship", "--table", "\"App One\".a");
    }

    @Test
    void copyNeedsNoMore() throws IOException {
        String[] copy = {"copy", "--from", "shore", "--to", "ship", "--table", "\"App One\".a"};
        isRefused(copy);

        grant("shore", "copy-source");
        grant("ship", "copy-target");

        works(copy);
    }

    @Test
    void dumpNeedsNoMore() throws IOException {
        isRefused("backup", "dump", "--database", "shore");

        grant("shore", "dump");

        works("backup", "dump", "--database", "shore");
    }

    @Test
    void maintenanceNeedsNoMore() throws IOException {
        host.runbook(
                "upkeep.groovy",
                "runbook('upkeep') { step('x') { vacuum('shore', '\"App One\".a'); check('vacuumed', true) } }");
        host.runbook("rebuild.groovy", "runbook('rebuild') { step('x') { reindex('shore', '\"App One\".a') } }");
        isRefused("run", "upkeep");

        grant("shore", "vacuum", "reindex");

        works("run", "upkeep");
        works("run", "rebuild");
    }

    @Test
    void partitionsNeedNoMore() throws IOException {
        host.runbook(
                "parts.groovy",
                "runbook('parts') { step('x') { maintainPartitions('shore', '\"App One\".p') { monthly; ahead 70.days } } }");
        isRefused("run", "parts");

        grant("shore", "partitions");

        works("run", "parts");
    }

    @Test
    void baseBackupsAndTheArchiveNeedNoMore() throws IOException {
        String[] backup = {"backup", "base", "--database", "shore", "--checkpoint", "fast", "--compress", "gzip"};
        host.runbook(
                "archive.groovy", "runbook('archive') { step('x') { walArchive('shore') { slot 'grants_archive' } } }");
        isRefused(backup);
        isRefused("run", "archive");

        grant("shore", "base-backup");

        works(backup);
        try {
            works("run", "archive");
        } finally {
            host.onShore("select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                    + " where slot_name = 'grants_archive' and not active");
        }
    }

    @Test
    void tenantsNeedNoMore() throws IOException {
        host.onShore("""
                create table "App One".notes (id bigserial primary key, tenant_id text not null, note text);
                alter table "App One".notes owner to %s; create index on "App One".notes (tenant_id);
                create table supers (tenant_id text not null, note text); create index on supers (tenant_id);
                create schema template_tenant; create table template_tenant.orders (id bigserial primary key, at date);
                """.formatted(OWNER));
        Files.writeString(
                host.config(), Files.readString(host.config()) + "meta: { database: shore, plans: { own: schema } }\n");
        String[] create = {"tenant", "create", TENANT + "a", "--region", "kr", "--plan", "large"};
        isRefused(create);

        grant("shore", "tenants");

        try {
            works(create);
            works("tenant", "create", TENANT + "b", "--region", "kr", "--plan", "own");
            works("tenant", "suspend", TENANT + "a");
            works("tenant", "resume", TENANT + "a");
            works("tenant", "suspend", TENANT + "b");
            works("tenant", "resume", TENANT + "b");
            assertThat(host.call("tenant", "list").out()).contains(TENANT + "a", TENANT + "b", "active");
            assertThat(missing("shore", "tenants")).isEmpty();
        } finally {
            for (String one : List.of(TENANT + "a", TENANT + "b")) {
                host.onShore("drop owned by \"tenant_%1$s\" cascade; drop role \"tenant_%1$s\"".formatted(one));
            }
            host.onShore("drop schema template_tenant cascade; drop table supers");
        }
    }

    @Test
    void migrationsNeedNoMore() throws IOException {
        Path project = home.resolve("migrations");
        Files.createDirectories(project.resolve("deploy"));
        Files.createDirectories(project.resolve("revert"));
        Files.writeString(project.resolve("sqitch.plan"), """
                %syntax-version=1.0.0
                %project=fleet

                more 2026-11-01T00:00:00Z Ann <ann@example.com> # more
                """);
        Files.writeString(project.resolve("deploy/more.sql"), """
                BEGIN;
                ALTER TABLE "App One".a ADD COLUMN more text;
                ALTER TABLE "App One".supers ADD COLUMN more text;
                CREATE TABLE "App One".extra (id int PRIMARY KEY);
                CREATE SCHEMA later;
                COMMIT;
                """);
        Files.writeString(project.resolve("revert/more.sql"), """
                BEGIN;
                DROP SCHEMA later;
                DROP TABLE "App One".extra;
                ALTER TABLE "App One".supers DROP COLUMN more;
                ALTER TABLE "App One".a DROP COLUMN more;
                COMMIT;
                """);
        host.onShore("create table \"App One\".supers (id int primary key)");
        Files.writeString(
                host.config(),
                Files.readString(host.config()) + "meta: { database: shore, migrations: " + project + " }\n");
        isRefused("migrate", "deploy");

        grant("shore", "migrations");

        works("migrate", "deploy");
        works("migrate", "status");
        assertThat(missing("shore", "migrations")).isEmpty();
        host.onShore("drop schema sqitch cascade; drop schema later cascade");
    }

    @Test
    void streamsIntoAnOldServerCannotBeGranted() throws IOException {
        TestHost.Called called = host.call("doctor", "--grants", "--database", "ship", "--feature", "stream-target");

        assertThat(called.out())
                .contains("-- cannot be granted: below PostgreSQL 16 only superusers make subscriptions");
        List<String> statements =
                called.out().lines().filter(line -> !line.startsWith("--")).toList();
        host.onShip(String.join("\n", statements));
        assertThat(host.call("doctor", "--grants", "--database", "ship", "--feature", "stream-target")
                        .exitStatus())
                .as("it still cannot")
                .isEqualTo(ExitStatus.FAILED);
    }

    @Test
    void tablesOfASuperuserAreNotSolvedByMembership() throws IOException {
        host.onShore("create table \"App One\".supers (id int)");

        assertThat(missing("shore", "vacuum"))
                .contains(
                        "GRANT " + OWNER + " TO " + QUOTED + ";",
                        "ALTER TABLE \"App One\".supers OWNER TO " + QUOTED + ";")
                .noneMatch(statement -> statement.startsWith("GRANT postgres"));
    }
}
