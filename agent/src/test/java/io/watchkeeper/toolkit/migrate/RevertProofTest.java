package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.toolkit.backup.ScratchDatabases;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ways back that are tried out before anything is done. */
class RevertProofTest {

    private static final String SCRATCH =
            "select datname from pg_database where datname like 'watchkeeper\\_scratch\\_%'";

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
        rig.on(rig.shore(), "insert into users values (1, 'x')");
        rig.told.clear();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private List<String> scratch() throws Exception {
        return rig.names(rig.shore(), SCRATCH);
    }

    private static MigrationWish tested(String revision) {
        return MigrationRig.to(revision).withRevertTest(RevertTest.SCHEMA);
    }

    @Test
    void deploysWhatPassesTheTestOnceAndLeavesNothingElse() throws Exception {
        rig.change("emails", "alter table users add column email text;", "alter table users drop column email;")
                .change("no_names", "alter table users drop column name;", "alter table users add column name text;")
                .scripts(
                        "by_mail",
                        "create index concurrently users_mail on users (email);\n",
                        "drop index concurrently users_mail;\n",
                        null);

        assertThat(rig.run(tested("by_mail")).changes()).hasSize(3);

        assertThat(rig.schema(rig.shore())).contains("users.email text false", "i users_mail true");
        assertThat(scratch()).isEmpty();
    }

    @Test
    void doesNothingWhenARevertScriptLeavesSomethingBehind() throws Exception {
        List<String> before = rig.schema(rig.shore());
        rig.change(
                "emails",
                "alter table users add column email text;\ncreate index on users (email);\ncreate table mails (id int);",
                "alter table users drop column email;");

        assertThatThrownBy(() -> rig.run(tested("emails")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("'emails' does not leave the schema as it was when it is taken back")
                .hasMessageContaining("left behind: mails; Type: TABLE")
                .hasMessageContaining("nothing was done on database 'shore'");
        assertThat(rig.schema(rig.shore())).isEqualTo(before);
        assertThat(rig.told).isEmpty();
        assertThat(scratch()).isEmpty();
    }

    @Test
    void saysWhatIsOtherThanItWas() throws Exception {
        rig.change(
                "longer",
                "alter table users alter column name set default 'x';",
                "alter table users alter column name set default 'y';");

        assertThatThrownBy(() -> rig.run(tested("longer")))
                .hasMessageContaining("changed: users; Type: TABLE")
                .hasMessageContaining("with: name text DEFAULT 'y'::text");
    }

    @Test
    void doesNothingWhenAScriptFailsInTheTest() throws Exception {
        rig.change("emails", "alter table users add column email text;", "alter table users drop column mail;");

        assertThatThrownBy(() -> rig.run(tested("emails")))
                .hasMessageContaining("in the test of its way back")
                .hasMessageContaining("revert/emails.sql:2:")
                .hasMessageContaining("nothing was done on database 'shore' itself");
        assertThat(rig.schema(rig.shore())).doesNotContain("users.email text false");
        assertThat(scratch()).isEmpty();
    }

    @Test
    void testsWithTheRowsWhereAskedTo() throws Exception {
        rig.change(
                "checked",
                "alter table users add constraint named check (name <> 'x');",
                "alter table users drop constraint named;");
        MigrationWish rows = MigrationRig.to("checked").withRevertTest(RevertTest.ROWS);

        assertThatThrownBy(() -> rig.run(rows))
                .hasMessageContaining("in the test of its way back")
                .hasMessageContaining("23514");
    }

    @Test
    void triesOutOnTheSameServerOnlyWhatStaysInItsDatabase() throws Exception {
        rig.change("roles", "create role from_a_test;", "drop role from_a_test;");
        assertThatThrownBy(() -> rig.run(tested("roles"))).hasMessageContaining("may act on the whole server");

        rig.write("deploy/roles.sql", "BEGIN;\ndo $$ begin execute 'create role from_a_test'; end $$;\nCOMMIT;\n");
        assertThatThrownBy(() -> rig.run(tested("roles"))).hasMessageContaining("may act on the whole server");

        assertThat(rig.names(rig.shore(), "select rolname from pg_roles where rolname = 'from_a_test'"))
                .isEmpty();
    }

    @Test
    void triesNothingOutThatReachesFromAScratchDatabaseToTheRealOne() throws Exception {
        rig.change("reaches", "select 1;", "select 1;");
        try (Session session = rig.shore().open(MigrationRig.WORK)) {
            StatementJudge judge = new StatementJudge(new DatabaseTables(session), MigrationWish.LOCK_TIMEOUT);
            for (String sql : List.of(
                    "revoke connect on database shore from public",
                    "grant create on tablespace pg_default to public",
                    "grant set on parameter work_mem to public",
                    "grant select on large object 1 to public",
                    "update pg_database set datallowconn = false",
                    "with x as (select 1) delete from pg_catalog.pg_authid",
                    "\\connect other",
                    "\\! id",
                    "select 1 \\gexec")) {
                assertThat(ScriptReader.read(sql).statements())
                        .as(sql)
                        .anyMatch(statement -> ServerWide.may(statement, judge));
            }
            for (String sql : List.of("grant select on users to public", "update users set name = 'y'")) {
                assertThat(ScriptReader.read(sql).statements())
                        .as(sql)
                        .noneMatch(statement -> ServerWide.may(statement, judge));
            }
        }
        rig.write("deploy/reaches.sql", "BEGIN;\nrevoke connect on database shore from public;\nCOMMIT;");
        assertThatThrownBy(() -> rig.run(tested("reaches"))).hasMessageContaining("may act on the whole server");
    }

    @Test
    void refusesToTestWhatCannotBeTakenBack() {
        rig.change("once", "create table once (id int);", null);

        assertThatThrownBy(() -> rig.run(tested("once"))).hasMessageContaining("its way back cannot be tested");
    }

    @Test
    void testsAWayBackByTheWayThere() throws Exception {
        assertThat(rig.run(MigrationRig.backTo(null).withRevertTest(RevertTest.SCHEMA))
                        .changes())
                .hasSize(1);
        assertThat(scratch()).isEmpty();
    }

    @Test
    void theNextSweepDropsWhatAKilledTestLeaves() throws Exception {
        rig.change("slow", "create table slow (id int);\nselect pg_sleep(600);", "drop table slow;");
        try (OtherProcess other = OtherProcess.start(
                MigratingProcess.class,
                rig.project.toString(),
                rig.state().toString(),
                rig.shore().settings().url(),
                "slow",
                "SCHEMA")) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !rig.names(
                                    rig.shore(),
                                    "select datname from pg_stat_activity where datname like 'watchkeeper\\_scratch\\_%'"
                                            + " and query like '%pg_sleep(600)%' and state = 'active'")
                            .isEmpty());
            other.kill();
        }
        assertThat(scratch()).hasSize(1);

        new ScratchDatabases(rig.backups()).sweep(List.of(rig.shore()));

        assertThat(scratch()).isEmpty();
        assertThat(rig.schema(rig.shore())).doesNotContain("slow.id integer false");
    }
}
