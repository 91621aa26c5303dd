package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that psql has committed, and Sqitch has not written down. */
class UnregisteredChangeTest {

    private MigrationRig rig;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        rig = new MigrationRig(folder)
                .scripts(
                        "users",
                        "BEGIN;\ncreate table users (id int primary key, name text);\nCOMMIT;\n",
                        "BEGIN;\ndrop table users;\nCOMMIT;\n",
                        "select id, name from users where false;\n");
        rig.run(MigrationRig.to("users"));
        rig.told.clear();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private List<String> registered() throws Exception {
        return rig.names(rig.shore(), "select change from sqitch.changes order by committed_at");
    }

    /** Kills a process, and all that it has started, after psql has committed a change and before Sqitch has registered it. */
    private void killBeforeItIsRegistered(String revision, String query) throws Exception {
        try (Connection other = TestServers.connect(rig.shore().settings());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table sqitch.events in share row exclusive mode");
            try (OtherProcess process = OtherProcess.start(
                    MigratingProcess.class,
                    rig.project.toString(),
                    rig.state().toString(),
                    rig.shore().settings().url(),
                    revision,
                    "NONE")) {
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::sqitchWaitsToRegister);
                process.kill();
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> rig.names(
                                    rig.shore(),
                                    "select 'there' from pg_stat_activity where datname = current_database()"
                                            + " and application_name = 'killed'")
                            .isEmpty());
            other.rollback();
        }
        assertThat(rig.names(rig.shore(), query)).as("it is there").isNotEmpty();
        assertThat(registered()).as("and not registered").containsExactly("users");
    }

    private boolean sqitchWaitsToRegister() throws Exception {
        return !rig.names(
                        rig.shore(),
                        "select 'waits' from pg_locks l where l.relation = 'sqitch.events'::regclass and not l.granted and l.mode = 'RowExclusiveLock'")
                .isEmpty();
    }

    @Test
    void theNextMigrationRegistersWhatAKilledOneHasApplied() throws Exception {
        rig.scripts(
                        "emails",
                        "BEGIN;\nalter table users add column email text;\nCOMMIT;\n",
                        "BEGIN;\nalter table users drop column email;\nCOMMIT;\n",
                        "select email from users where false;")
                .change("ages", "alter table users add column age int;", "alter table users drop column age;");
        killBeforeItIsRegistered("emails", "select 'x' from pg_attribute where attname = 'email'");
        String digest = rig.plan(MigrationRig.to("ages")).digest();

        assertThat(rig.migrator().status(rig.shore()).unregistered()).isEqualTo("emails");
        assertThat(rig.plan(MigrationRig.to("ages")).changes())
                .as("a plan knows that it is there")
                .extracting(PlannedChange::name)
                .containsExactly("ages");
        rig.run(
                rig.migrator(),
                MigrationRig.to("ages"),
                plan -> assertThat(plan.digest()).isEqualTo(digest));

        assertThat(registered()).containsExactly("users", "emails", "ages");
        assertThat(rig.told).extracting(MigrationResult.Done::change).containsExactly("emails", "ages");
        assertThat(rig.migrator().status(rig.shore()).unregistered()).isNull();
        assertThat(rig.names(rig.shore(), "select change from watchkeeper.migration_marks"))
                .isEmpty();
        rig.run(MigrationRig.backTo("users"));
        assertThat(registered()).containsExactly("users");
    }

    @Test
    void knowsAnIndexThatAKilledProcessHasBuilt() throws Exception {
        rig.scripts(
                "by_name",
                "create index concurrently users_name on users (name);\n",
                "drop index concurrently users_name;\n",
                null);
        killBeforeItIsRegistered("by_name", "select 'x' from pg_class where relname = 'users_name'");

        assertThat(rig.run(MigrationRig.to("by_name")).changes()).hasSize(1);

        assertThat(registered()).containsExactly("users", "by_name");
        assertThat(rig.schema(rig.shore())).contains("i users_name true");
    }

    @Test
    void refusesWhenTheScriptIsAnotherByNow() throws Exception {
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;");
        killBeforeItIsRegistered("emails", "select 'x' from pg_attribute where attname = 'email'");
        rig.write("deploy/emails.sql", "BEGIN;\nalter table users add column email varchar(9);\nCOMMIT;\n");

        assertThatThrownBy(() -> rig.run(MigrationRig.to("emails")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has the change 'emails' from a script with SHA-1")
                .satisfies(e -> assertThat(((OperatorException) e).hint())
                        .contains("sqitch deploy --log-only --to-change emails"));
        assertThat(registered()).containsExactly("users");
    }

    @Test
    void registersAtOnceWhatSqitchAloneFailedToWriteDown() throws Exception {
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;");
        MigrationWish wish = MigrationRig.with(MigrationRig.to("emails"), List.of(), Duration.ofMillis(300), 1);
        try (Connection other = TestServers.connect(rig.shore().settings());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table sqitch.events in share row exclusive mode");
            CompletableFuture<MigrationResult> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return rig.run(wish);
                } catch (java.sql.SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::sqitchWaitsToRegister);
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !sqitchWaitsToRegister());
            other.rollback();

            assertThat(running.get(120, TimeUnit.SECONDS).changes()).hasSize(1);
            assertThat(registered()).containsExactly("users", "emails");
        }
    }

    @Test
    void leavesSqitchTheDigestOfTheScriptThatWasJudged() throws Exception {
        assertThat(rig.names(rig.shore(), "select script_hash from sqitch.changes"))
                .containsExactly(ChangeMarks.scriptHash(
                        java.nio.file.Files.readAllBytes(rig.project.resolve("deploy/users.sql"))));
    }

    @Test
    void theMarkComesAfterWhatSaysHowTheTransactionIs() {
        ChangeMarks.Mark mark = new ChangeMarks.Mark("o'c", "deploy", "00", true);

        assertThat(ChangeMarks.marked(
                        "-- x\nBEGIN;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nselect 1;\nCOMMIT;", "p", mark))
                .startsWith("-- x\nBEGIN;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE; INSERT INTO watchkeeper.")
                .contains("'o''c'")
                .endsWith(";\nselect 1;\nCOMMIT;");
        assertThat(ChangeMarks.marked("vacuum t;", "p", mark)).isEqualTo("vacuum t;");
    }
}
