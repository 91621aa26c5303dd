package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.migrate.MigrationResult;
import io.watchkeeper.toolkit.migrate.MigrationWish;
import io.watchkeeper.toolkit.migrate.Migrator;
import io.watchkeeper.toolkit.migrate.RevertTest;
import io.watchkeeper.units.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Clusters that are restored to try things out, and migrations that are tried out there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoredClusterTest {

    private static final Work WORK = Work.unattended("restored cluster test");

    private final BackedUpCluster cluster = new BackedUpCluster();

    @BeforeAll
    void backUp() {
        cluster.run("create table users (id int primary key, name text)");
        cluster.backup(Compression.NONE);
        cluster.run("insert into users values (1, 'x')");
        cluster.archive();
    }

    @AfterAll
    void close() {
        cluster.close();
    }

    @Test
    void canBeWrittenToAndIsGoneAfterwards() throws Exception {
        assertThat(RestoredCluster.isPossible(cluster.settings, cluster.database(), WORK))
                .isTrue();
        try (RestoredCluster restored = RestoredCluster.of(cluster.settings, cluster.database(), WORK, "try-1");
                Session session = restored.database().open(WORK)) {
            String name = session.one("select name from users", row -> row.getString(1));
            assertThat(name).isEqualTo("x");
            session.runVerbatim("drop table users");
            assertThat(cluster.sandboxes()).contains("try-1");
        }
        assertThat(cluster.sandboxes()).isEmpty();
        assertThat(cluster.ask("select count(*) from users")).isEqualTo("1");
        assertThat(cluster.catalogue()
                        .isPinned(cluster.catalogue().backups().get(0).id()))
                .isFalse();
    }

    @Test
    void leadsNowhereAndGivesNoMoreRightsThanTheRealOne() throws Exception {
        cluster.run("""
                create extension if not exists postgres_fdw;
                create server elsewhere foreign data wrapper postgres_fdw options (host '/tmp', dbname 'app');
                create user mapping for public server elsewhere options (user 'postgres', password 'x');
                create function quiet() returns event_trigger language plpgsql as 'begin end';
                create event trigger ears on ddl_command_end execute function quiet();
                create subscription far connection 'host=/nonexistent' publication p with (connect = false, slot_name = NONE);
                create role least login;
                grant select on users to least""");
        cluster.archive();
        DatabaseSettings real = cluster.database().settings();
        DatabaseSettings least = new DatabaseSettings("shore", real.url(), "least", null, 2, null, true);
        try (DatabasePools pools = new DatabasePools(List.of(least));
                RestoredCluster restored =
                        RestoredCluster.of(cluster.settings, pools.database("shore"), WORK, "try-2");
                Session session = restored.database().open(WORK)) {
            String role = session.one(
                    "select current_user || rolsuper from pg_roles where rolname = current_user",
                    row -> row.getString(1));
            int doors = session.one(
                    "select (select count(*) from pg_user_mappings) + (select count(*) from pg_event_trigger)",
                    row -> row.getInt(1));
            assertThat(role).isEqualTo("leastfalse");
            assertThat(doors).isZero();
            assertThatThrownBy(() -> session.runVerbatim("copy users to '" + cluster.home.resolve("x") + "'"))
                    .hasMessageContaining("to COPY to a file");
        } finally {
            cluster.run(
                    "drop subscription far; drop event trigger ears; drop function quiet(); drop server elsewhere cascade");
            cluster.run("revoke all on users from least; drop role least");
        }
    }

    @Test
    void runsNothingAsASuperuserThatMayWriteFilesOfThisHost(@TempDir Path project) throws Exception {
        for (String kind : List.of("deploy", "revert")) {
            Files.createDirectories(project.resolve(kind));
        }
        Path stolen = cluster.home.resolve("repository/shore/stolen");
        Files.writeString(
                project.resolve("sqitch.plan"),
                "%syntax-version=1.0.0\n%project=files\n\nteam 2026-11-01T00:00:00Z Ann <ann@example.com> # team\n");
        Files.writeString(project.resolve("revert/team.sql"), "BEGIN;\ndrop table team;\nCOMMIT;\n");
        for (String way : List.of(
                "copy users to '" + stolen + "';",
                "do $$ begin copy users to program 'id'; end $$;",
                "create function f() returns int language plpgsql as $$ begin copy users to '/x'; return 1; end $$;")) {
            Files.writeString(
                    project.resolve("deploy/team.sql"), "BEGIN;\ncreate table team (id int);\n" + way + "\nCOMMIT;\n");
            assertThatThrownBy(() -> migrate(project))
                    .as(way)
                    .hasMessageContaining("deploy/team.sql:3: this may write files or run programs on this host");
        }
        assertThat(stolen).doesNotExist();
        assertThat(cluster.sandboxes()).isEmpty();
    }

    private MigrationResult migrate(Path project) throws SQLException {
        return new Migrator(project, null, List.of(), Clock.systemUTC(), WORK)
                .testedBy(cluster.settings)
                .run(
                        MigrationWish.deploy("shore", "team", Bytes.megabytes(64))
                                .withRevertTest(RevertTest.SCHEMA),
                        List.of(cluster.database()),
                        cluster.home.resolve("state"),
                        plan -> {},
                        done -> {});
    }

    @Test
    void aMigrationIsTriedOutThereWithEverythingThatItDoesToTheServer(@TempDir Path project) throws Exception {
        for (String kind : List.of("deploy", "revert", "verify")) {
            Files.createDirectories(project.resolve(kind));
        }
        Files.writeString(
                project.resolve("sqitch.plan"),
                "%syntax-version=1.0.0\n%project=fleet\n\nteam 2026-11-01T00:00:00Z Ann <ann@example.com> # team\n");
        Files.writeString(
                project.resolve("deploy/team.sql"),
                "BEGIN;\ncreate role team_of_a_test;\nalter table users add column team text;\nCOMMIT;\n");
        Files.writeString(project.resolve("revert/team.sql"), "BEGIN;\ndrop role team_of_a_test;\nCOMMIT;\n");
        Files.writeString(project.resolve("verify/team.sql"), "select team from users where false;\n");

        assertThatThrownBy(() -> migrate(project))
                .hasMessageContaining("changed: users; Type: TABLE")
                .hasMessageContaining("with: team text");
        assertThat(cluster.ask("select count(*) from pg_roles where rolname = 'team_of_a_test'"))
                .isEqualTo("0");
        assertThat(cluster.sandboxes()).isEmpty();

        Files.writeString(
                project.resolve("revert/team.sql"),
                "BEGIN;\nalter table users drop column team;\ndrop role team_of_a_test;\nCOMMIT;\n");
        assertThat(migrate(project).changes()).hasSize(1);
        assertThat(cluster.ask("select count(*) from pg_roles where rolname = 'team_of_a_test'"))
                .isEqualTo("1");
        assertThat(cluster.sandboxes()).isEmpty();
    }
}
