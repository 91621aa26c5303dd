package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Migrations by the real Sqitch on real servers. */
class MigratorTest {

    private MigrationRig rig;

    @BeforeEach
    void open(@TempDir Path folder) {
        rig = new MigrationRig(folder)
                .scripts(
                        "users",
                        "BEGIN;\ncreate table users (id int primary key, name text);\nCOMMIT;\n",
                        "BEGIN;\ndrop table users;\nCOMMIT;\n",
                        "select id, name from users where false;\n");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void deploysWhatIsMissingAndASecondRunDoesNothing() throws Exception {
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;");

        MigrationResult first = rig.run(MigrationRig.to("emails"));

        assertThat(first.changes()).extracting(MigrationResult.Done::change).containsExactly("users", "emails");
        assertThat(rig.told).isEqualTo(first.changes());
        assertThat(rig.schema(rig.shore())).contains("users.email text false");
        assertThat(rig.run(MigrationRig.to("@HEAD")).changes()).isEmpty();
    }

    @Test
    void goesBackToAChange() throws Exception {
        rig.run(MigrationRig.to("users"));
        List<String> before = rig.schema(rig.shore());
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;");
        rig.run(MigrationRig.to("emails"));

        MigrationResult back = rig.run(MigrationRig.backTo("users"));

        assertThat(back.changes()).extracting(MigrationResult.Done::change).containsExactly("emails");
        assertThat(rig.schema(rig.shore())).isEqualTo(before);
        assertThat(rig.run(MigrationRig.backTo(null)).changes()).hasSize(1);
        assertThat(rig.schema(rig.shore())).isEmpty();
    }

    @Test
    void leavesTheDatabaseAsItWasWhenAChangeFailsHalfWay() throws Exception {
        rig.run(MigrationRig.to("users"));
        List<String> before = rig.schema(rig.shore());
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;")
                .change("broken", "create table half (id int);\ninsert into half select 1 / 0;", "drop table half;");

        assertThatThrownBy(() -> rig.run(MigrationRig.to("broken")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining(
                        "'broken' could not be deployed to database 'shore': deploy/broken.sql:3: division by zero (22012)")
                .hasMessageEndingWith("the schema is as it was");
        assertThat(rig.schema(rig.shore())).isEqualTo(before);
        assertThat(rig.names(rig.shore(), "select change from sqitch.changes")).containsExactly("users");
    }

    @Test
    void takesBackAChangeThatFailsItsVerification() throws Exception {
        rig.run(MigrationRig.to("users"));
        List<String> before = rig.schema(rig.shore());
        rig.scripts(
                "emails",
                "BEGIN;\nalter table users add column email text;\nCOMMIT;",
                "BEGIN;\nalter table users drop column email;\nCOMMIT;",
                "select 1 / count(*) from users where false;");

        assertThatThrownBy(() -> rig.run(MigrationRig.to("emails")))
                .hasMessageContaining("verify/emails.sql:1: division by zero");
        assertThat(rig.schema(rig.shore())).isEqualTo(before);
    }

    @Test
    void saysThatAChangeStaysThatFailsItsVerificationAndCannotBeTakenBack() throws Exception {
        rig.scripts("once", "BEGIN;\ncreate table once (id int);\nCOMMIT;", null, "select 1 / 0;");

        assertThatThrownBy(() -> rig.run(MigrationRig.to("once")))
                .hasMessageContaining("verify/once.sql:1: division by zero")
                .hasMessageContaining("'once' on database 'shore' cannot be taken back, and stays");

        assertThat(rig.names(rig.shore(), "select change from sqitch.changes order by 1"))
                .as("what is there is registered")
                .containsExactly("once", "users");
    }

    @Test
    void takesBackAChangeWhoseVerificationIsInterrupted() throws Exception {
        rig.scripts(
                "emails",
                "BEGIN;\nalter table users add column email text;\nCOMMIT;",
                "BEGIN;\nalter table users drop column email;\nCOMMIT;",
                "select pg_sleep(60);");
        rig.run(MigrationRig.to("users"));
        List<String> before = rig.schema(rig.shore());
        StoppableWork work = new StoppableWork("migrate test");
        CompletableFuture<MigrationResult> running = CompletableFuture.supplyAsync(() -> {
            try {
                return rig.run(rig.migrator(work), MigrationRig.to("emails"), plan -> {});
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> !rig.names(
                                rig.shore(),
                                "select 'runs' from pg_stat_activity where datname = current_database() and state = 'active'"
                                        + " and query like 'select pg_sleep(60)%'")
                        .isEmpty());

        work.stop();

        assertThatThrownBy(() -> running.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(WorkCancelledException.class);
        assertThat(rig.schema(rig.shore())).isEqualTo(before);
        assertThat(rig.names(rig.shore(), "select change from sqitch.changes")).containsExactly("users");
    }

    @Test
    void takesBackAChangeThatCouldNotBePutOnRecord() throws Exception {
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;");
        Migrator migrator = rig.migrator();

        assertThatThrownBy(() ->
                        migrator.run(MigrationRig.to("emails"), List.of(rig.shore()), rig.state(), plan -> {}, done -> {
                            throw new OperatorException("the record cannot be written", null);
                        }))
                .hasMessage("the record cannot be written; the schema is as it was");

        assertThat(rig.schema(rig.shore())).isEmpty();
    }

    @Test
    void aLongChangeIsRegisteredWhateverTheServerAllowsAnIdleTransaction() throws Exception {
        rig.change(
                "long",
                "create table seen as select current_setting('idle_in_transaction_session_timeout') as allowed;\n"
                        + "select pg_sleep(1);",
                "drop table seen;");
        rig.on(
                rig.shore(),
                "do $$ begin execute format('alter database %I set idle_in_transaction_session_timeout = 300',"
                        + " current_database()); end $$");

        assertThat(rig.run(MigrationRig.to("long")).changes()).hasSize(2);

        assertThat(rig.names(rig.shore(), "select allowed from seen")).containsExactly("0");
    }

    @Test
    void saysWhatStaysWhereAnEarlierChangeCannotBeTakenBack() throws Exception {
        rig.change("once", "create table once (id int);", null).change("broken", "select 1 / 0;", "select 1;");

        assertThatThrownBy(() -> rig.run(MigrationRig.to("broken")))
                .hasMessageContaining("'once' on database 'shore' cannot be taken back, and stays");
        assertThat(rig.names(rig.shore(), "select change from sqitch.changes order by 1"))
                .containsExactly("once", "users");
    }

    @Test
    void waitsForALockInShortTurnsAndGetsThrough() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;");
        MigrationWish wish = MigrationRig.with(MigrationRig.to("emails"), List.of(), Duration.ofMillis(100), 20);
        try (Connection other = TestServers.connect(rig.shore().settings());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table users in access share mode");
            CompletableFuture<MigrationResult> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return rig.run(wish);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await()
                    .until(() -> !rig.names(
                                    rig.shore(),
                                    "select 'waits' from pg_locks where not granted and relation = 'users'::regclass")
                            .isEmpty());
            Awaitility.await()
                    .until(() -> rig.names(
                                    rig.shore(),
                                    "select 'waits' from pg_locks where not granted and relation = 'users'::regclass")
                            .isEmpty());
            other.rollback();

            assertThat(running.get(60, TimeUnit.SECONDS).changes())
                    .singleElement()
                    .satisfies(done -> assertThat(done.attempts()).isGreaterThan(1));
        }
    }

    @Test
    void givesUpALockThatIsNotToBeHad() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;");
        List<String> before = rig.schema(rig.shore());
        MigrationWish wish = MigrationRig.with(MigrationRig.to("emails"), List.of(), Duration.ofMillis(50), 2);
        try (Connection other = TestServers.connect(rig.shore().settings());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table users in access share mode");

            assertThatThrownBy(() -> rig.run(wish)).hasMessageContaining("(55P03), 2 times");
        }
        assertThat(rig.schema(rig.shore())).isEqualTo(before);
    }

    @Test
    void dropsTheIndexThatAFailedBuildLeaves() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.on(rig.shore(), "insert into users values (1, 'same'), (2, 'same')");
        List<String> before = rig.schema(rig.shore());
        rig.scripts(
                "names_once",
                "create unique index concurrently users_name on users (name);\n",
                "drop index concurrently users_name;\n",
                null);

        assertThatThrownBy(() -> rig.run(MigrationRig.to("names_once"))).hasMessageContaining("23505");
        assertThat(rig.schema(rig.shore())).isEqualTo(before);

        rig.on(rig.shore(), "delete from users where id = 2");
        assertThat(rig.run(MigrationRig.to("names_once")).changes()).hasSize(1);
        assertThat(rig.schema(rig.shore())).contains("i users_name true");
    }

    @Test
    void waitsForTransactionsAsLongAsItTakesWhereNobodyWaitsBehindIt() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.scripts(
                "by_name",
                "create index concurrently users_name on users (name);\n",
                "drop index concurrently users_name;\n",
                null);
        MigrationWish wish = MigrationRig.with(MigrationRig.to("by_name"), List.of(), Duration.ofMillis(50), 1);
        try (Connection other = TestServers.connect(rig.shore().settings());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("insert into users values (1, 'open')");
            CompletableFuture<MigrationResult> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return rig.run(wish);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> running.isDone()
                            || !rig.names(
                                            rig.shore(),
                                            "select 'waits' from pg_stat_activity where datname = current_database()"
                                                    + " and query like 'create index concurrently%' and wait_event_type = 'Lock'"
                                                    + " and now() - query_start > interval '300 ms'")
                                    .isEmpty());
            other.commit();

            assertThat(running.get(60, TimeUnit.SECONDS).changes()).hasSize(1);
        }
        assertThat(rig.schema(rig.shore())).contains("i users_name true");
    }

    @Test
    void beginsNothingInATimeThatIsKeptFree() throws Exception {
        AvoidedTime day = new AvoidedTime(
                LocalTime.of(8, 0), LocalTime.of(18, 0), EnumSet.allOf(DayOfWeek.class), ZoneOffset.UTC);
        Migrator atNoon = new Migrator(
                rig.project,
                null,
                List.of(day),
                Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC),
                MigrationRig.WORK);
        Migrator atNight = new Migrator(
                rig.project,
                null,
                List.of(day),
                Clock.fixed(Instant.parse("2026-11-21T18:00:00Z"), ZoneOffset.UTC),
                MigrationRig.WORK);

        assertThatThrownBy(() -> rig.run(atNoon, MigrationRig.to("users"), plan -> {}))
                .hasMessage("no migration begins from 08:00 to 18:00, Z");
        assertThat(rig.schema(rig.shore())).isEmpty();
        assertThat(rig.run(atNight, MigrationRig.to("users"), plan -> {}).changes())
                .hasSize(1);
    }

    @Test
    void isPatientWithALockWhenItUndoesAndSaysTheCommandForWhatIsLeft() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;")
                .change("broken", "select 1 / 0;", "select 1;");
        MigrationWish wish = MigrationRig.with(MigrationRig.to("broken"), List.of(), Duration.ofMillis(50), 1);
        List<String> before = rig.schema(rig.shore());
        Connection other = TestServers.connect(rig.shore().settings());
        other.setAutoCommit(false);
        try (other;
                Statement statement = other.createStatement()) {
            CompletableFuture<Object> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return rig.migrator().run(wish, List.of(rig.shore()), rig.state(), plan -> {}, done -> {
                        try {
                            statement.execute("lock table users in access share mode");
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    });
                } catch (SQLException | OperatorException e) {
                    return e;
                }
            });
            Object end = running.get(120, TimeUnit.SECONDS);

            assertThat(end).isInstanceOf(OperatorException.class);
            OperatorException failure = (OperatorException) end;
            assertThat(failure.getMessage())
                    .contains("division by zero")
                    .contains("'emails' on database 'shore' could not be undone, and stays:")
                    .contains("(55P03), 6 times");
            assertThat(failure.hint())
                    .startsWith("to undo what is left: watchkeeper migrate revert --database shore --to users.");
        }
        assertThat(rig.names(rig.shore(), "select change from sqitch.changes order by committed_at"))
                .as("what is there is registered")
                .containsExactly("users", "emails");

        rig.run(MigrationRig.backTo("users"));
        assertThat(rig.schema(rig.shore())).isEqualTo(before);
    }

    @Test
    void undoesAllTheSameWhenALockIsGivenBackMeanwhile() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;")
                .change("broken", "select 1 / 0;", "select 1;");
        List<String> before = rig.schema(rig.shore());
        MigrationWish wish = MigrationRig.with(MigrationRig.to("broken"), List.of(), Duration.ofMillis(100), 1);
        try (Connection other = TestServers.connect(rig.shore().settings());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            CompletableFuture<Object> running = CompletableFuture.supplyAsync(() -> {
                try {
                    return rig.migrator().run(wish, List.of(rig.shore()), rig.state(), plan -> {}, done -> {
                        try {
                            statement.execute("lock table users in access share mode");
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    });
                } catch (SQLException | OperatorException e) {
                    return e;
                }
            });
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !rig.names(
                                    rig.shore(),
                                    "select 'waits' from pg_locks where relation = 'users'::regclass and not granted")
                            .isEmpty());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> rig.names(
                                    rig.shore(),
                                    "select 'waits' from pg_locks where relation = 'users'::regclass and not granted")
                            .isEmpty());
            other.rollback();

            assertThat((Throwable) running.get(120, TimeUnit.SECONDS))
                    .hasMessageContaining("division by zero")
                    .hasMessageEndingWith("the schema is as it was");
        }
        assertThat(rig.schema(rig.shore())).isEqualTo(before);
    }

    @Test
    void aVerifyScriptThatWritesIsRefusedBeforeAndByTheServer() throws Exception {
        rig.on(
                rig.shore(),
                "create function sly() returns int language plpgsql as"
                        + " $$ begin execute 'create table by_verify (a int)'; return 1; end $$");
        rig.scripts(
                "emails",
                "BEGIN;\nalter table users add column email text;\nCOMMIT;",
                "BEGIN;\nalter table users drop column email;\nCOMMIT;",
                "insert into users values (1);");
        assertThatThrownBy(() -> rig.run(MigrationRig.to("emails"))).hasMessageContaining("[verify-writes]");

        rig.write("verify/emails.sql", "BEGIN;\nselect sly();\nROLLBACK;\n");
        assertThatThrownBy(() -> rig.run(MigrationRig.to("emails")))
                .hasMessageContaining("(25006)")
                .hasMessageEndingWith("the schema is as it was");

        rig.write("verify/emails.sql", "select email from users where false;");
        rig.run(MigrationRig.to("emails"));
        rig.migrator().verify(rig.shore(), rig.state());
        rig.write("verify/emails.sql", "delete from users;");
        assertThatThrownBy(() -> rig.migrator().verify(rig.shore(), rig.state()))
                .hasMessageContaining("verify/emails.sql:1: a verify script only looks");
    }

    @Test
    void onlyOneMigratesAtATime() throws Exception {
        MigrationTurn turn = MigrationTurn.take(List.of(rig.shore()), MigrationRig.WORK);
        try {
            assertThatThrownBy(() -> rig.run(MigrationRig.to("users"))).isInstanceOf(MigrationRunsException.class);
        } finally {
            turn.close();
        }
        assertThat(rig.run(MigrationRig.to("users")).changes()).hasSize(1);
    }

    @Test
    void doesNothingThatIsNotPermitted() throws Exception {
        assertThatThrownBy(() -> rig.run(rig.migrator(), MigrationRig.to("users"), plan -> {
                    throw new OperatorException("nobody agreed", null);
                }))
                .hasMessage("nobody agreed");
        assertThat(rig.names(rig.shore(), "select nspname from pg_namespace where nspname = 'sqitch'"))
                .isEmpty();
    }

    @Test
    void runsWhatWasAgreedToWhateverIsWrittenMeanwhile() throws Exception {
        Path left = rig.state().resolve("migrations/999999999-left/deploy");
        Files.createDirectories(left);

        rig.run(rig.migrator(), MigrationRig.to("users"), plan -> {
            rig.write("deploy/users.sql", "BEGIN;\ncreate table another (id int);\nCOMMIT;\n");
            rig.write("verify/users.sql", "select 1 / 0;");
        });

        assertThat(rig.schema(rig.shore()))
                .contains("users.name text false")
                .doesNotContain("another.id integer false");
        assertThat(rig.state().resolve("migrations"))
                .as("neither this copy stays nor that of a process that died")
                .isEmptyDirectory();
    }

    @Test
    void bringsWhatAddsToTheOtherEndFirstAndWhatTakesAwayLast() throws Exception {
        MigrationWish both = MigrationRig.with(MigrationRig.to("users"), List.of("ship"), Duration.ofSeconds(2), 3);
        rig.run(both);
        assertThat(rig.told).extracting(MigrationResult.Done::database).containsExactly("ship", "shore");
        rig.told.clear();
        rig.change("no_name", "alter table users drop column name;", "alter table users add column name text;");

        rig.run(MigrationRig.with(MigrationRig.to("no_name"), List.of("ship"), Duration.ofSeconds(2), 3));

        assertThat(rig.told).extracting(MigrationResult.Done::database).containsExactly("shore", "ship");
        assertThat(rig.schema(rig.ship())).isEqualTo(rig.schema(rig.shore()));
    }

    @Test
    void takesBackAtBothEndsWhatFailsAtOne() throws Exception {
        MigrationWish both = MigrationRig.with(MigrationRig.to("users"), List.of("ship"), Duration.ofSeconds(2), 3);
        rig.on(rig.shore(), "create table users (in_the_way int)");

        assertThatThrownBy(() -> rig.run(both))
                .hasMessageContaining("42P07")
                .hasMessageEndingWith("the schema is as it was");
        assertThat(rig.schema(rig.ship())).isEmpty();
    }

    @Test
    void refusesARegistryThatDoesNotFitThePlan() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.write(
                "sqitch.plan",
                "%syntax-version=1.0.0\n%project=fleet\n\nother 2026-11-01T00:00:00Z Ann <ann@example.com>\n");

        assertThatThrownBy(() -> rig.run(MigrationRig.to("other")))
                .hasMessageContaining("has the change 'users' where the plan of 'fleet' has 'other'");
    }

    @Test
    void refusesToGoBackByTheWayAndUnknownRevisions() throws Exception {
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;");
        rig.run(MigrationRig.to("emails"));

        assertThatThrownBy(() -> rig.run(MigrationRig.to("users"))).hasMessageContaining("is further than users");
        assertThatThrownBy(() -> rig.run(MigrationRig.to("user"))).isInstanceOf(UnknownRevisionException.class);
    }

    @Test
    void knowsTagsAndReworkedChanges() throws Exception {
        rig.run(MigrationRig.to("users"));
        rig.planLine("@v1 2026-11-02T00:00:00Z Ann <ann@example.com> # first");
        rig.write("deploy/users@v1.sql", "BEGIN;\ncreate table users (id int primary key, name text);\nCOMMIT;\n");
        rig.write("revert/users@v1.sql", "BEGIN;\ndrop table users;\nCOMMIT;\n");
        rig.planLine("users [users@v1] 2026-11-03T00:00:00Z Ann <ann@example.com> # reworked");
        rig.write("deploy/users.sql", "BEGIN;\nalter table users add column born date;\nCOMMIT;\n");
        rig.write("revert/users.sql", "BEGIN;\nalter table users drop column born;\nCOMMIT;\n");
        rig.write("verify/users.sql", "select born from users where false;");

        rig.run(MigrationRig.to("@HEAD"));
        assertThat(rig.schema(rig.shore())).contains("users.born date false");
        rig.run(MigrationRig.backTo("@v1"));
        assertThat(rig.schema(rig.shore()))
                .doesNotContain("users.born date false")
                .contains("users.name text false");
    }

    @Test
    void aChangedScriptIsAnotherPlan() throws Exception {
        String before = rig.plan(MigrationRig.to("users")).digest();
        assertThat(rig.plan(MigrationRig.to("users")).digest()).isEqualTo(before);

        rig.write("verify/users.sql", "select 1;");

        String after = rig.plan(MigrationRig.to("users")).digest();
        assertThat(after).isNotEqualTo(before);
        rig.write("verify/users.sql", "select 1;\r");
        assertThat(rig.plan(MigrationRig.to("users")).digest()).isNotEqualTo(after);
    }
}
