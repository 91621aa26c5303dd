package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.approval.ApprovalRequest;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.http.MigrationMaker;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Migrations of the configured database as calls and commands ask for them, from the wish to the run. */
class MigrationsByCallTest {

    private static final String PLAN = "%syntax-version=1.0.0\n%project=fleet\n\n";

    @TempDir
    private Path home;

    private final Clock clock = Clock.systemUTC();
    private final String database = TestServers.freshDatabase(TestServers.shore());
    private AgentConfig config;
    private Agent agent;

    @BeforeEach
    void open() throws IOException {
        write("migrations/sqitch.plan", PLAN + line("users"));
        script("users", "create table users (id int, name text);", "drop table users;");
        Files.createDirectories(home.resolve("runbooks"));
        write("watchkeeper.yaml", """
                host: { name: shore-1, role: primary }
                databases:
                  shore: { url: "%s", user: postgres }
                runbooks: %s/runbooks
                state: %s/state
                meta: { database: shore, migrations: %s/migrations }
                """.formatted(TestServers.shore().url(database), home, home, home));
        ConfigLoader.Loaded loaded = new ConfigLoader(Map.of()).load(home.resolve("watchkeeper.yaml"));
        config = loaded.config().orElseThrow(() -> new AssertionError(loaded.problems()));
        agent = Agent.open(config, clock, history -> List.of());
    }

    @AfterEach
    void close() {
        agent.close();
    }

    private static String line(String change) {
        return change + " 2026-11-01T00:00:00Z Ann <ann@example.com> # " + change + "\n";
    }

    private void script(String change, String deploy, String revert) throws IOException {
        write("migrations/deploy/" + change + ".sql", "BEGIN;\n" + deploy + "\nCOMMIT;\n");
        write("migrations/revert/" + change + ".sql", "BEGIN;\n" + revert + "\nCOMMIT;\n");
    }

    private void write(String file, String text) throws IOException {
        Path path = home.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private MigrationMaker.Migration migration(String revision) {
        return new MigrationsByCall(config, agent.databases(), agent.meta(), clock).migration(revision, false);
    }

    private RunOutcome run(Runbook runbook) {
        return agent.runner().run(new RunRequest(runbook, RunTrigger.HTTP, Map.of(), false));
    }

    @Test
    void whatOnlyAddsIsDoneAtOnce() {
        MigrationMaker.Migration migration = migration("users");

        assertThat(migration.approvers()).isZero();
        RunOutcome outcome = run(migration.runbook());
        assertThat(outcome.state()).as("%s", outcome.error()).isEqualTo(RunState.SUCCEEDED);
        assertThat(outcome.steps().get(0).results())
                .singleElement()
                .satisfies(result -> assertThat(result.verb()).isEqualTo("migrate"));
    }

    @Test
    void whatTakesAwayWaitsForTwoAndAnotherScriptForTwoOthers() throws Exception {
        assertThat(run(migration("users").runbook()).state()).isEqualTo(RunState.SUCCEEDED);
        write("migrations/sqitch.plan", PLAN + line("users") + line("no_name"));
        script("no_name", "alter table users drop column name;", "alter table users add column name text;");
        MigrationMaker.Migration migration = migration("no_name");
        assertThat(migration.approvers()).isEqualTo(2);

        RunOutcome waits = run(migration.runbook());
        assertThat(waits.state()).isEqualTo(RunState.FAILED);
        assertThat(String.valueOf(waits.error()))
                .contains("approval of 2 people other than token, and 0 gave it", waits.runId());

        ApprovalRequest asked = agent.meta().approvals().asked(waits.runId()).orElseThrow();
        assertThat(asked.digest()).isEqualTo(migration.digest());
        assertThat(agent.meta().approvals().approve(asked, "token:ann")).isTrue();
        assertThat(run(migration.runbook()).state()).isEqualTo(RunState.FAILED);
        assertThat(agent.meta().approvals().approve(asked, "token:ann")).isFalse();
        assertThat(agent.meta().approvals().approve(asked, "token:ben")).isTrue();

        script("no_name", "alter table users drop column name; drop table users;", "select 1;");
        assertThat(run(migration("no_name").runbook()).state())
                .as("another script")
                .isEqualTo(RunState.FAILED);
        script("no_name", "alter table users drop column name;", "alter table users add column name text;");
        RunOutcome done = run(migration("no_name").runbook());
        assertThat(done.state()).as("%s", done.error()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void whoAsksForItDoesNotCountAmongThoseWhoAgree() throws Exception {
        assertThat(run(migration("users").runbook()).state()).isEqualTo(RunState.SUCCEEDED);
        write("migrations/sqitch.plan", PLAN + line("users") + line("no_name"));
        script("no_name", "alter table users drop column name;", "alter table users add column name text;");
        Requester ann = new Requester("token:ann", "127.0.0.1");
        RunOutcome waits = agent.runner()
                .run(new RunRequest(migration("no_name").runbook(), RunTrigger.HTTP, Map.of(), false, ann));
        ApprovalRequest asked = agent.meta().approvals().asked(waits.runId()).orElseThrow();
        assertThat(agent.meta().approvals().approve(asked, "token:ann")).isTrue();
        assertThat(agent.meta().approvals().approve(asked, "token:ben")).isTrue();

        RunOutcome byAnn = agent.runner()
                .run(new RunRequest(migration("no_name").runbook(), RunTrigger.HTTP, Map.of(), false, ann));

        assertThat(byAnn.state()).isEqualTo(RunState.FAILED);
        assertThat(String.valueOf(byAnn.error())).contains("2 people other than token:ann, and 1 gave it");
        assertThat(agent.meta().approvals().approve(asked, "token:cid")).isTrue();
        RunOutcome done = agent.runner()
                .run(new RunRequest(migration("no_name").runbook(), RunTrigger.HTTP, Map.of(), false, ann));
        assertThat(done.state()).as("%s", done.error()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void saysAtOnceWhatCannotBe() throws Exception {
        assertThatThrownBy(() -> migration("user")).isInstanceOf(MigrationMaker.UnknownRevision.class);
        script("users", "create table a (id int); delete from a;", "drop table a;");
        TestServers.execute(TestServers.shore(), database, "create table a (id int)");
        assertThatThrownBy(() -> migration("users"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("deploy/users.sql:2: all rows are gone")
                .hasMessageContaining("[delete-without-where]");
    }

    @Test
    void verifiesWhatWasDeployed() throws Exception {
        write("migrations/verify/users.sql", "select id, name from users where false;\n");
        assertThat(run(migration("users").runbook()).state()).isEqualTo(RunState.SUCCEEDED);
        Runbook verify = new MigrationLook(null, true).runbook(config, agent, clock);
        assertThat(run(verify).state()).isEqualTo(RunState.SUCCEEDED);

        TestServers.execute(TestServers.shore(), database, "alter table users rename column name to title");

        RunOutcome outcome = run(verify);
        assertThat(outcome.state()).isEqualTo(RunState.FAILED);
        assertThat(String.valueOf(outcome.error())).contains("not as its migrations left it", "42703");
    }
}
