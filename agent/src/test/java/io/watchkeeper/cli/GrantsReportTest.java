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
    void tablesOfASuperuserAreNotSolvedByMembership() throws IOException {
        host.onShore("create table \"App One\".supers (id int)");

        assertThat(missing("shore", "vacuum"))
                .contains(
                        "GRANT " + OWNER + " TO " + QUOTED + ";",
                        "ALTER TABLE \"App One\".supers OWNER TO " + QUOTED + ";")
                .noneMatch(statement -> statement.startsWith("GRANT postgres"));
    }
}
