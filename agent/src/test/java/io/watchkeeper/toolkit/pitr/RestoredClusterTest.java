package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
