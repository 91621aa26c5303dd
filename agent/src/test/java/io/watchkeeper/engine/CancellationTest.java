package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.runbook.Policy.Overlap;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are stopped: by someone who asks, or by their deadline. */
class CancellationTest {

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
    void cancelEndsTheStatementOnTheServer() {
        RunHandle handle = host.start(TestRunbook.named("nightly")
                .step("sleep", context -> TestRunbook.execute(context, "select pg_sleep(60)"))
                .sql("after", "create table never ()"));
        host.awaitStatement("pg_sleep");

        assertThat(host.runner.cancel(handle.runId(), "alice over HTTP")).isTrue();
        RunOutcome run = TestHost.end(handle);

        assertThat(run.state()).isEqualTo(RunState.CANCELLED);
        assertThat(TestHost.error(run).message()).isEqualTo("cancelled: alice over HTTP");
        assertThat(TestHost.error(run).line()).isPositive();
        assertThat(run.steps()).extracting(StepOutcome::state).containsExactly(RunState.CANCELLED, RunState.SKIPPED);
        assertThat(run.duration()).isLessThan(Duration.ofSeconds(30));
        host.awaitNoStatements();
    }

    @Test
    void theDeadlineEndsTheStatementOnTheServer() {
        RunOutcome run = host.run(
                TestRunbook.named("nightly").timeout(Duration.ofSeconds(1)).sql("sleep", "select pg_sleep(60)"));

        assertThat(run.state()).isEqualTo(RunState.TIMED_OUT);
        assertThat(TestHost.error(run).message()).isEqualTo("timed out after 1.0 s, in step 'sleep'");
        assertThat(TestHost.error(run).hint()).contains("raise 'timeout'");
        assertThat(run.steps()).extracting(StepOutcome::state).containsExactly(RunState.TIMED_OUT);
        assertThat(run.duration()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
        host.awaitNoStatements();
    }

    @Test
    void aCancelledTransactionLeavesNothingBehind() {
        host.execute("create table t (i int)");
        RunHandle handle = host.start(TestRunbook.named("nightly").step("fill", context -> {
            try (var session = context.database("shore").open(context.work());
                    var statement = session.connection().createStatement()) {
                session.connection().setAutoCommit(false);
                statement.execute("insert into t values (1)");
                statement.execute("select pg_sleep(60)");
                session.connection().commit();
            }
        }));
        host.awaitStatement("pg_sleep");
        host.runner.cancel(handle.runId(), "bob");

        assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
        assertThat(host.query("select i from t")).isEmpty();
    }

    @Test
    void cancelEndsASleepOfTheStep() throws Exception {
        CountDownLatch sleeping = new CountDownLatch(1);
        RunHandle handle = host.start(TestRunbook.named("nightly").step("sleep", context -> {
            sleeping.countDown();
            Thread.sleep(60_000);
        }));
        sleeping.await();
        host.runner.cancel(handle.runId(), "bob");

        assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void aStepThatTakesNoNoticeIsNotASuccess() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        RunHandle handle = host.start(TestRunbook.named("nightly").step("stubborn", context -> {
            working.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                context.info("took no notice");
            }
        }));
        working.await();
        host.runner.cancel(handle.runId(), "bob");

        assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
        assertThat(host.events.logTexts()).contains("took no notice");
    }

    @Test
    void cancelTakesEffectBetweenStatements() {
        AtomicInteger statements = new AtomicInteger();
        RunHandle handle = host.start(TestRunbook.named("nightly").step("many", context -> {
            while (true) {
                TestRunbook.execute(context, "select 1");
                statements.incrementAndGet();
            }
        }));
        await().until(() -> statements.get() > 10);
        host.runner.cancel(handle.runId(), "bob");

        assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void cancelEndsTheWaitBeforeTheNextAttempt() {
        RunHandle handle = host.start(TestRunbook.named("nightly")
                .retry(3, Duration.ofMinutes(5))
                .sql("one", "select pg_terminate_backend(pg_backend_pid())"));
        host.awaitLog("next attempt in");
        Instant before = Instant.now();
        host.runner.cancel(handle.runId(), "bob");

        assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void theDeadlineCountsTheWaitBeforeTheNextAttemptAndKeepsTheReason() {
        RunOutcome run = host.run(TestRunbook.named("nightly")
                .timeout(Duration.ofSeconds(1))
                .retry(3, Duration.ofMinutes(5))
                .sql("one", "do $$ begin raise exception 'busy' using errcode = '40001'; end $$"));

        assertThat(run.state()).isEqualTo(RunState.TIMED_OUT);
        assertThat(TestHost.error(run).message())
                .startsWith("timed out after 1.0 s, before attempt 2 of step 'one', after: busy");
        assertThat(run.steps().get(0).attempts()).isEqualTo(1);
    }

    @Test
    void cancelEndsTheWaitForALock() {
        RunHandle holder =
                host.start(TestRunbook.named("holder").locks("table-io").sql("sleep", "select pg_sleep(60)"));
        host.awaitStatement("pg_sleep");
        RunHandle waiting =
                host.start(TestRunbook.named("waiting").locks("table-io").sql("one", "create table never ()"));
        host.awaitLog("waits for lock 'table-io'");
        assertThat(host.runner.running(waiting.runId()).orElseThrow().state()).isEqualTo(RunState.QUEUED);

        host.runner.cancel(waiting.runId(), "bob");
        RunOutcome run = TestHost.end(waiting);

        assertThat(run.state()).isEqualTo(RunState.CANCELLED);
        assertThat(run.steps()).isEmpty();
        host.runner.cancel(holder.runId(), "bob");
        TestHost.end(holder);
    }

    @Test
    void theDeadlineCountsTheWaitForALockAndNamesItsHolder() {
        RunHandle holder =
                host.start(TestRunbook.named("holder").locks("table-io").sql("sleep", "select pg_sleep(60)"));
        host.awaitStatement("pg_sleep");

        RunOutcome run = host.run(TestRunbook.named("waiting")
                .timeout(Duration.ofSeconds(1))
                .locks("table-io")
                .sql("one", "create table never ()"));

        assertThat(run.state()).isEqualTo(RunState.TIMED_OUT);
        assertThat(TestHost.error(run).message())
                .startsWith("timed out after 1.0 s, waiting for lock 'table-io' that run " + holder.runId()
                        + " of 'holder'");
        host.runner.cancel(holder.runId(), "bob");
        TestHost.end(holder);
    }

    @Test
    void cancelEndsTheWaitForAnEarlierRunOfTheSameRunbook() {
        TestRunbook runbook =
                TestRunbook.named("nightly").overlap(Overlap.QUEUE).sql("sleep", "select pg_sleep(60)");
        RunHandle first = host.start(runbook);
        host.awaitStatement("pg_sleep");
        RunHandle second = host.start(runbook);
        host.awaitLog("waits for run " + first.runId());

        host.runner.cancel(second.runId(), "bob");
        assertThat(TestHost.end(second).state()).isEqualTo(RunState.CANCELLED);
        assertThat(first.outcome()).isNotDone();
        host.runner.cancel(first.runId(), "bob");
        TestHost.end(first);
    }

    @Test
    void onlyTheFirstReasonCounts() {
        RunHandle handle = host.start(TestRunbook.named("nightly").sql("sleep", "select pg_sleep(60)"));
        host.awaitStatement("pg_sleep");
        host.runner.cancel(handle.runId(), "alice");
        host.runner.cancel(handle.runId(), "bob");

        assertThat(TestHost.error(TestHost.end(handle)).message()).isEqualTo("cancelled: alice");
    }

    @Test
    void thereIsNothingToCancelOfARunThatIsOverOrNeverWas() {
        RunOutcome run = host.run(TestRunbook.named("nightly"));

        assertThat(host.runner.cancel(run.runId(), "bob")).isFalse();
        assertThat(host.runner.cancel(RunId.create(Instant.EPOCH), "bob")).isFalse();
        assertThat(host.runner.cancel("../../etc/passwd", "bob")).isFalse();
    }

    @Test
    void aRunThatFailsJustWhenItIsCancelledDoesNotDisturbTheNext() {
        for (int i = 0; i < 20; i++) {
            RunHandle handle = host.start(TestRunbook.named("nightly").sql("quick", "select 1"));
            host.runner.cancel(handle.runId(), "bob");
            assertThat(TestHost.end(handle).state()).isIn(RunState.CANCELLED, RunState.SUCCEEDED);
        }
        List<RunOutcome> runs = List.of(host.run(TestRunbook.named("nightly").sql("quick", "select pg_sleep(0.3)")));
        assertThat(runs).extracting(RunOutcome::state).containsExactly(RunState.SUCCEEDED);
    }

    @Test
    void aStepCanTidyUpOnTheServerAfterItWasCancelled() {
        RunHandle handle = host.start(TestRunbook.named("nightly").step("stage", context -> {
            TestRunbook.execute(context, "create unlogged table staging ()");
            try {
                TestRunbook.execute(context, "select pg_sleep(60)");
            } finally {
                try (var session = context.database("shore").open(Work.unattended("watchkeeper tidies up"));
                        var statement = session.connection().createStatement()) {
                    statement.execute("drop table staging");
                }
            }
        }));
        host.awaitStatement("pg_sleep");
        host.runner.cancel(handle.runId(), "bob");

        assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
        assertThat(host.query("select relname from pg_class where relname = 'staging'"))
                .isEmpty();
    }

    @Test
    void aClockThatIsSetDoesNotEndARun() {
        AtomicReference<Duration> jump = new AtomicReference<>(Duration.ZERO);
        Clock jumping = new Clock() {
            @Override
            public Instant instant() {
                return Clock.systemUTC().instant().plus(jump.get());
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        try (TestHost other = new TestHost(state.resolve("other"), host.shore, jumping)) {
            RunOutcome run = other.run(TestRunbook.named("nightly")
                    .timeout(Duration.ofMinutes(10))
                    .step("jump", context -> {
                        jump.set(Duration.ofDays(1));
                        assertThat(context.work().timeLeft().orElseThrow()).isPositive();
                        TestRunbook.execute(context, "select pg_sleep(0.1)");
                    }));
            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(run.duration()).isLessThan(Duration.ofMinutes(1));
        }
    }
}
