package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** onFailure and onRecovery. */
class HookTest {

    @TempDir
    Path state;

    private TestHost host;
    private final AtomicReference<RunError> seen = new AtomicReference<>();

    @BeforeEach
    void startHost() {
        host = new TestHost(state);
    }

    @AfterEach
    void nothingIsLeft() {
        host.assertNothingLeft();
        host.close();
    }

    private TestRunbook alerting() {
        return TestRunbook.named("nightly").onFailure(context -> {
            seen.set(context.error().orElseThrow());
            context.record(new VerbResult("alert", Map.of("severity", "page")));
        });
    }

    @Test
    void onFailureKnowsTheErrorAndIsRecordedAsAStep() {
        RunOutcome run = host.run(alerting().sql("one", "select 1/0").sql("two", "select 1"));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(seen.get()).isEqualTo(run.error());
        assertThat(TestHost.error(run).message()).isEqualTo("division by zero");
        assertThat(run.steps()).extracting(StepOutcome::name).containsExactly("one", "two", "onFailure");
        assertThat(run.steps().get(2).index()).isEqualTo(2);
        assertThat(run.steps().get(2).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.steps().get(2).results()).extracting(VerbResult::verb).containsExactly("alert");
    }

    @Test
    void onFailureHasTimeOfItsOwnAfterATimeout() {
        RunOutcome run = host.run(alerting()
                .timeout(Duration.ofMillis(500))
                .sql("sleep", "select pg_sleep(60)")
                .onFailure(context -> {
                    seen.set(context.error().orElseThrow());
                    TestRunbook.execute(context, "create table alerted ()");
                }));

        assertThat(run.state()).isEqualTo(RunState.TIMED_OUT);
        assertThat(seen.get()).isEqualTo(run.error());
        assertThat(TestHost.error(run).message()).startsWith("timed out after 500 ms");
        assertThat(host.query("select relname from pg_class where relname = 'alerted'"))
                .containsExactly("alerted");
    }

    @Test
    void onFailureThatFailsDoesNotHideTheError() {
        RunOutcome run = host.run(TestRunbook.named("nightly")
                .sql("one", "select 1/0")
                .onFailure(context -> TestRunbook.execute(context, "select * from nowhere")));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(TestHost.error(run).message()).isEqualTo("division by zero");
        assertThat(run.steps().get(1).state()).isEqualTo(RunState.FAILED);
        assertThat(host.events.logTexts()).contains("onFailure failed: relation \"nowhere\" does not exist");
    }

    @Test
    void onFailureIsNotCalledForACancelledRun() {
        RunHandle handle = host.start(alerting().sql("sleep", "select pg_sleep(60)"));
        host.awaitStatement("pg_sleep");
        host.runner.cancel(handle.runId(), "bob");

        assertThat(TestHost.end(handle).steps()).extracting(StepOutcome::name).containsExactly("sleep");
        assertThat(seen.get()).isNull();
    }

    @Test
    void onFailureIsNotCalledInADryRun() {
        RunOutcome run = host.dryRun(alerting().sql("one", "select 1/0"));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(seen.get()).isNull();
    }

    @Test
    void aHookThatHangsEndsWhenTheRunIsCancelled() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        RunHandle handle =
                host.start(TestRunbook.named("nightly").sql("one", "select 1/0").onFailure(context -> {
                    hanging.countDown();
                    TestRunbook.execute(context, "select pg_sleep(60)");
                }));
        hanging.await();
        host.awaitStatement("pg_sleep");
        assertThat(host.runner.cancel(handle.runId(), "bob")).isTrue();

        RunOutcome run = TestHost.end(handle);
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(TestHost.error(run).message()).isEqualTo("division by zero");
        assertThat(run.steps().get(1).state()).isEqualTo(RunState.CANCELLED);
        host.awaitNoStatements();
    }

    @Test
    void onRecoveryIsCalledOnceAfterAFailure() {
        AtomicBoolean broken = new AtomicBoolean(true);
        AtomicInteger recoveries = new AtomicInteger();
        TestRunbook runbook = TestRunbook.named("nightly")
                .step("one", context -> {
                    if (broken.get()) {
                        throw new IllegalStateException("broken");
                    }
                })
                .onRecovery(context -> {
                    assertThat(context.error()).isEmpty();
                    recoveries.incrementAndGet();
                });

        assertThat(host.run(runbook).state()).isEqualTo(RunState.FAILED);
        broken.set(false);
        assertThat(host.dryRun(runbook).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(recoveries).as("in a dry run").hasValue(0);
        RunOutcome recovered = host.run(runbook);
        assertThat(recovered.steps()).extracting(StepOutcome::name).containsExactly("one", "onRecovery");
        host.run(runbook);
        assertThat(recoveries).hasValue(1);
    }

    @Test
    void aCancelledRunBetweenAFailureAndASuccessIsNoReasonToKeepTheRecoveryQuiet() {
        AtomicReference<String> sql = new AtomicReference<>("select 1/0");
        AtomicInteger recoveries = new AtomicInteger();
        TestRunbook runbook = TestRunbook.named("nightly")
                .step("one", context -> TestRunbook.execute(context, Objects.requireNonNull(sql.get())))
                .onRecovery(context -> recoveries.incrementAndGet());
        assertThat(host.run(runbook).state()).isEqualTo(RunState.FAILED);
        sql.set("select pg_sleep(60)");
        RunHandle cancelled = host.start(runbook);
        host.awaitStatement("pg_sleep");
        host.runner.cancel(cancelled.runId(), "bob");
        assertThat(TestHost.end(cancelled).state()).isEqualTo(RunState.CANCELLED);

        sql.set("select 1");
        assertThat(host.run(runbook).state()).isEqualTo(RunState.SUCCEEDED);

        assertThat(recoveries).hasValue(1);
    }

    @Test
    void onRecoveryThatFailsLeavesTheRunASuccess() {
        AtomicBoolean broken = new AtomicBoolean(true);
        TestRunbook runbook = TestRunbook.named("nightly")
                .step("one", context -> {
                    if (broken.getAndSet(false)) {
                        throw new IllegalStateException("broken");
                    }
                })
                .onRecovery(context -> {
                    throw new IllegalStateException("no mail server");
                });
        host.run(runbook);

        RunOutcome run = host.run(runbook);
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.error()).isNull();
        assertThat(host.events.logTexts()).contains("onRecovery failed: no mail server");
    }
}
