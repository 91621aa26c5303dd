package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dry runs say what they would do, and do nothing. */
class DryRunTest {

    @TempDir
    Path state;

    private TestHost host;

    @BeforeEach
    void startHost() {
        host = new TestHost(state);
        host.execute("create table t (i int); insert into t values (1)");
    }

    @AfterEach
    void nothingIsLeft() {
        host.assertNothingLeft();
        host.close();
    }

    private List<String> contents() {
        return host.query("""
                select 'relation ' || relname || ' ' || relfilenode from pg_class where relnamespace = 'public'::regnamespace
                union all select 'row ' || i from t order by 1""");
    }

    @Test
    void recordsThePlan() {
        RunOutcome run = host.dryRun(TestRunbook.named("nightly").step("work", context -> {
            assertThat(context.dryRun()).isTrue();
            context.plan(
                    "execute",
                    "shore",
                    List.of(new PlannedAction("shore", "delete from t", LockLevel.ROW_EXCLUSIVE, 1, -1, "")));
        }));

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.dryRun()).isTrue();
        assertThat(run.steps().get(0).results()).singleElement().satisfies(result -> {
            assertThat(result.verb()).isEqualTo("execute");
            assertThat(result.fields()).containsEntry("subject", "shore").containsEntry("dryRun", true);
            assertThat(result.fields().get("plan"))
                    .isEqualTo(List.of(Map.of(
                            "database",
                            "shore",
                            "sql",
                            "delete from t",
                            "lock",
                            "ROW EXCLUSIVE",
                            "estimatedRows",
                            1L)));
        });
    }

    @Test
    void theServerRefusesWhatAStepTriesToChange() {
        List<String> before = contents();
        for (String sql : List.of(
                "insert into t values (2)", "create table u ()", "drop table t", "truncate t", "update t set i = 9")) {
            RunOutcome run = host.dryRun(
                    TestRunbook.named("nightly").retry(3, Duration.ofMillis(10)).sql("work", sql));
            assertThat(run.state()).as(sql).isEqualTo(RunState.FAILED);
            assertThat(TestHost.error(run).sqlState()).isEqualTo("25006");
            assertThat(TestHost.error(run).hint()).contains("a dry run may only read");
            assertThat(run.steps().get(0).attempts()).as("it would fail again").isEqualTo(1);
        }
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void aConnectionThatServedADryRunCanWriteAgain() {
        host.dryRun(TestRunbook.named("nightly").sql("look", "select 1"));
        assertThat(host.run(TestRunbook.named("nightly").sql("work", "insert into t values (2)"))
                        .state())
                .isEqualTo(RunState.SUCCEEDED);
        assertThat(host.query("select i from t order by i")).containsExactly("1", "2");
    }

    @Test
    void takesNoLocksAndWaitsForNone() {
        TestRunbook runbook = TestRunbook.named("nightly").locks("table-io").sql("sleep", "select pg_sleep(60)");
        RunHandle real = host.start(runbook);
        host.awaitStatement("pg_sleep");

        RunOutcome dry =
                host.dryRun(TestRunbook.named("nightly").locks("table-io").step("look", context -> {}));
        assertThat(dry.state()).isEqualTo(RunState.SUCCEEDED);

        host.runner.cancel(real.runId(), "bob");
        TestHost.end(real);
    }

    @Test
    void endsAtTheDeadlineToo() {
        RunOutcome run = host.dryRun(
                TestRunbook.named("nightly").timeout(Duration.ofMillis(500)).sql("sleep", "select pg_sleep(60)"));
        assertThat(run.state()).isEqualTo(RunState.TIMED_OUT);
        host.awaitNoStatements();
    }
}
