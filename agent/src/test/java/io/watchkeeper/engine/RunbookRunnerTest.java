package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.units.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run from its request to its outcome, when nothing gets in its way but its own steps. */
class RunbookRunnerTest {

    @TempDir
    Path state;

    private TestHost host;

    @BeforeEach
    void startHost() {
        host = new TestHost(state);
    }

    @AfterEach
    void nothingIsLeft() {
        host.assertNothingLeft();
        host.close();
    }

    @Test
    void runsStepsInOrderAndRecordsTheirResults() {
        RunOutcome run = host.run(TestRunbook.named("nightly")
                .sql("make", "create table t (i int)")
                .step("fill", context -> {
                    TestRunbook.execute(context, "insert into t values (1)");
                    context.record(new VerbResult("execute", Map.of("rowsWritten", 1)));
                }));

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.error()).isNull();
        assertThat(run.host()).isEqualTo("shore-1");
        assertThat(run.steps()).extracting(StepOutcome::name).containsExactly("make", "fill");
        assertThat(run.steps()).extracting(StepOutcome::attempts).containsExactly(1, 1);
        assertThat(run.steps().get(1).results()).containsExactly(new VerbResult("execute", Map.of("rowsWritten", 1)));
        assertThat(host.query("select i from t")).containsExactly("1");
    }

    @Test
    void tellsListenersInOrder() {
        host.run(TestRunbook.named("nightly")
                .step("one", context -> context.record(new VerbResult("query", Map.of())))
                .step("two", context -> context.info("hello")));

        assertThat(host.events.events)
                .containsExactly(
                        "accepted nightly QUEUED",
                        "started nightly RUNNING",
                        "step 0 one",
                        "verb 0 query",
                        "step 0 SUCCEEDED",
                        "step 1 two",
                        "step 1 SUCCEEDED",
                        "finished nightly SUCCEEDED");
        assertThat(host.events.logTexts()).contains("hello");
    }

    @Test
    void aFailingStatementEndsTheRunWithItsLineStateAndHint() {
        RunOutcome run = host.run(TestRunbook.named("nightly")
                .step("first", context -> {})
                .step("second", context -> TestRunbook.execute(context, "select * from nowhere"))
                .step("third", context -> context.info("never")));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.steps())
                .extracting(StepOutcome::state)
                .containsExactly(RunState.SUCCEEDED, RunState.FAILED, RunState.SKIPPED);
        assertThat(TestHost.error(run).message()).isEqualTo("relation \"nowhere\" does not exist");
        assertThat(TestHost.error(run).sqlState()).isEqualTo("42P01");
        assertThat(TestHost.error(run).hint()).contains("check the table's name and schema");
        assertThat(TestHost.error(run).file()).isEqualTo("/etc/watchkeeper/runbooks/RunbookRunnerTest.java");
        assertThat(TestHost.error(run).line()).isGreaterThan(50);
        assertThat(run.steps().get(1).error()).isEqualTo(run.error());
        assertThat(host.events.logTexts()).doesNotContain("never");
    }

    @Test
    void theServersOwnHintWins() {
        RunOutcome run = host.run(TestRunbook.named("nightly").sql("one", "select lower(1, 2)"));

        assertThat(TestHost.error(run).message()).contains("function lower(integer, integer) does not exist");
        assertThat(TestHost.error(run).hint()).startsWith("No function matches");
    }

    @Test
    void aFailureWithItsOwnHintKeepsIt() {
        RunOutcome run = host.run(TestRunbook.named("nightly").step("one", context -> {
            throw new OperatorException("3 backups are too old", "run the backup runbook.");
        }));

        assertThat(TestHost.error(run).message()).isEqualTo("3 backups are too old");
        assertThat(TestHost.error(run).hint()).isEqualTo("run the backup runbook.");
        assertThat(TestHost.error(run).sqlState()).isNull();
    }

    @Test
    void anErrorOfTheJvmIsAFailureLikeAnother() {
        RunOutcome run = host.run(TestRunbook.named("nightly").step("one", context -> {
            throw new AssertionError("assert rows == 5");
        }));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(TestHost.error(run).message()).isEqualTo("assert rows == 5");
    }

    @Test
    void anUnknownParameterIsRefusedWithTheNearestOne() {
        TestRunbook runbook =
                TestRunbook.named("nightly").param("since", "1 day").sql("one", "create table t ()");
        assertThatThrownBy(() -> host.runner.start(
                        new RunRequest(runbook.build(), RunTrigger.HTTP, Map.of("sicne", "2 days"), false)))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessage("runbook 'nightly' has no parameter 'sicne'");
                    assertThat(e.hint()).isEqualTo("did you mean 'since'? Parameters: since.");
                });
        assertThat(host.events.events).isEmpty();
        assertThat(host.query("select relname from pg_class where relname = 't'"))
                .isEmpty();
    }

    @Test
    void aParameterWithoutDefaultMustBeGiven() {
        TestRunbook runbook = TestRunbook.named("restore").param("to", null);
        assertThatThrownBy(() -> host.run(runbook)).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessage("runbook 'restore' needs a value for its parameter 'to'");
            assertThat(e.hint()).contains("-P to=VALUE");
        });
        assertThat(host.events.events).isEmpty();
    }

    @Test
    void stepsSeeParametersWithDefaultsFilledIn() {
        AtomicReference<Map<String, String>> seen = new AtomicReference<>();
        TestRunbook runbook = TestRunbook.named("nightly")
                .param("since", "1 day")
                .param("to", null)
                .step("one", context -> seen.set(context.params()));

        RunOutcome run =
                host.runner.run(new RunRequest(runbook.build(), RunTrigger.CLI, Map.of("to", "yesterday"), false));

        assertThat(seen.get()).containsExactly(Map.entry("since", "1 day"), Map.entry("to", "yesterday"));
        assertThat(run.params()).isEqualTo(seen.get());
    }

    @Test
    void serversSeeWhichRunbookAndRunASessionBelongsTo() {
        AtomicReference<String> name = new AtomicReference<>();
        RunOutcome run = host.run(TestRunbook.named("nightly").step("one", context -> {
            try (var session = context.database("shore").open(context.work());
                    var statement = session.connection().createStatement();
                    var rows = statement.executeQuery("show application_name")) {
                rows.next();
                name.set(rows.getString(1));
            }
        }));

        assertThat(name.get()).isEqualTo("watchkeeper nightly " + run.runId().substring(0, 10));
    }

    @Test
    void runsInAThreadNamedAfterTheRun() {
        AtomicReference<String> thread = new AtomicReference<>();
        RunOutcome run = host.run(TestRunbook.named("nightly")
                .step("one", context -> thread.set(Thread.currentThread().getName())));

        assertThat(thread.get()).isEqualTo("run nightly " + run.runId());
    }

    @Test
    void anUnknownDatabaseIsAFailureWithAHint() {
        RunOutcome run = host.run(TestRunbook.named("nightly").step("one", context -> context.database("shroe")));

        assertThat(TestHost.error(run).message()).isEqualTo("database 'shroe' is not in the configuration");
        assertThat(TestHost.error(run).hint()).contains("did you mean 'shore'?");
    }

    @Test
    void secretsAreTakenOutOfEverythingThatLeaves() {
        Secret secret = Secret.of("tr0ub4dor&3");
        RunOutcome run = host.run(TestRunbook.named("nightly").step("one", context -> {
            context.info("password is " + secret.reveal());
            context.record(new VerbResult(
                    "query", Map.of("rows", List.of(Map.of("p", "x" + secret.reveal())), "n", 1)));
            throw new OperatorException("cannot log in with " + secret.reveal(), "not with " + secret.reveal());
        }));

        assertThat(RunDocument.of(run).toString())
                .doesNotContain(secret.reveal())
                .contains("x[redacted]");
        assertThat(TestHost.error(run).message()).isEqualTo("cannot log in with [redacted]");
        assertThat(TestHost.error(run).hint()).isEqualTo("not with [redacted]");
        assertThat(host.events.logTexts()).contains("password is [redacted]");
    }

    @Test
    void progressIsThrottledAndItsLastStateArrives() {
        host.run(TestRunbook.named("nightly").step("one", context -> {
            for (int i = 1; i <= 10_000; i++) {
                context.work().progress(new Progress("public.t", "load", i, 10_000, i));
            }
            context.record(new VerbResult("copyTable", Map.of()));
        }));

        assertThat(host.events.progress).hasSizeBetween(2, 1_000);
        assertThat(host.events.progress.get(host.events.progress.size() - 1).rows())
                .isEqualTo(10_000);
    }

    @Test
    void aRunningRunShowsHowFarItHasGot() throws Exception {
        var recorded = new java.util.concurrent.CountDownLatch(1);
        var goOn = new java.util.concurrent.CountDownLatch(1);
        RunHandle handle = host.start(TestRunbook.named("nightly").step("one", context -> {
            context.record(new VerbResult("analyze", Map.of()));
            recorded.countDown();
            goOn.await();
        }));
        recorded.await();

        RunOutcome now = host.runner.running(handle.runId()).orElseThrow();
        assertThat(now.state()).isEqualTo(RunState.RUNNING);
        assertThat(now.steps()).singleElement().satisfies(step -> {
            assertThat(step.state()).isEqualTo(RunState.RUNNING);
            assertThat(step.results()).extracting(VerbResult::verb).containsExactly("analyze");
        });
        assertThat(RunLiveness.isAlive(state, handle.runId())).isTrue();

        goOn.countDown();
        assertThat(TestHost.end(handle).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(RunLiveness.isAlive(state, handle.runId())).isFalse();
    }
}
