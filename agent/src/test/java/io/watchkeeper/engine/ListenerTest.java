package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Those who listen to runs: they cannot disturb a run, but they can refuse one. */
class ListenerTest {

    @TempDir
    Path state;

    private static final class Broken implements RunListener {
        @Override
        public void runStarted(RunOutcome run) {
            throw new IllegalStateException("started");
        }

        @Override
        public void stepStarted(String runId, int stepIndex, String stepName) {
            throw new AssertionError("step");
        }

        @Override
        public void verbFinished(String runId, int stepIndex, VerbResult result) {
            throw new IllegalStateException("verb");
        }

        @Override
        public void logged(String runId, LogLine line) {
            throw new IllegalStateException("logged");
        }

        @Override
        public void stepFinished(String runId, StepOutcome step) {
            throw new IllegalStateException("step finished");
        }

        @Override
        public void runFinished(RunOutcome run) {
            throw new IllegalStateException("finished");
        }
    }

    private static final class Refusing implements RunListener {
        private final RuntimeException refusal;

        Refusing(RuntimeException refusal) {
            this.refusal = refusal;
        }

        @Override
        public void runAccepted(RunOutcome run) {
            throw refusal;
        }
    }

    @Test
    void oneThatThrowsDisturbsNobody() {
        RecordedEvents last = new RecordedEvents();
        try (TestHost host = new TestHost(state, new Broken(), last)) {
            RunOutcome run = host.run(TestRunbook.named("nightly")
                    .step("one", context -> context.record(new VerbResult("query", Map.of()))));

            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(last.events).hasSize(6).isEqualTo(host.events.events);
        }
    }

    @Test
    void aRunThatCannotBeRecordedDoesNotStart() {
        AtomicInteger steps = new AtomicInteger();
        TestRunbook runbook = TestRunbook.named("nightly").step("one", context -> steps.incrementAndGet());
        try (TestHost host = new TestHost(state, new Refusing(new IllegalStateException("disk full")))) {
            assertThatThrownBy(() -> host.start(runbook))
                    .isInstanceOf(OperatorException.class)
                    .hasMessage("a run of 'nightly' cannot be recorded, so it was not started: disk full");

            assertThat(steps).hasValue(0);
            assertThat(host.events.events)
                    .as("those who had accepted it hear its end")
                    .containsExactly("accepted nightly QUEUED", "finished nightly FAILED");
            host.assertNothingLeft();
        }
    }

    @Test
    void aRefusalInPlainWordsIsPassedOnAsItIs() {
        OperatorException refusal = new OperatorException("the store is full", "free some space.");
        try (TestHost host = new TestHost(state, new Refusing(refusal))) {
            assertThatThrownBy(() -> host.start(TestRunbook.named("nightly"))).isSameAs(refusal);
        }
    }

    @Test
    void hearsOneEventOfARunAtATimeAlsoFromParallelWorkers() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        List<Integer> seen = new CopyOnWriteArrayList<>();
        RunListener counting = new RunListener() {
            @Override
            public void verbFinished(String runId, int stepIndex, VerbResult result) {
                seen.add(inside.incrementAndGet());
                LockSupport.parkNanos(1_000);
                inside.decrementAndGet();
            }
        };
        try (TestHost host = new TestHost(state, counting)) {
            RunOutcome run = host.run(TestRunbook.named("nightly").step("parallel", context -> {
                ExecutorService workers = Executors.newFixedThreadPool(4);
                CountDownLatch together = new CountDownLatch(4);
                List<Future<?>> futures = new CopyOnWriteArrayList<>();
                for (int i = 0; i < 4; i++) {
                    futures.add(workers.submit(() -> {
                        together.countDown();
                        together.await();
                        for (int j = 0; j < 50; j++) {
                            context.record(new VerbResult("copyTable", Map.of()));
                        }
                        return null;
                    }));
                }
                for (Future<?> future : futures) {
                    future.get();
                }
                workers.shutdown();
            }));
            assertThat(run.steps().get(0).results()).hasSize(200);
            assertThat(seen).hasSize(200).containsOnly(1);
        }
    }

    @Test
    void isNotDisturbedByTheInterruptOfACancelledRun() {
        List<Boolean> interrupted = new CopyOnWriteArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void stepFinished(String runId, StepOutcome step) {
                interrupted.add(Thread.currentThread().isInterrupted());
            }

            @Override
            public void runFinished(RunOutcome run) {
                interrupted.add(Thread.currentThread().isInterrupted());
            }
        };
        try (TestHost host = new TestHost(state, listener)) {
            RunHandle handle = host.start(TestRunbook.named("nightly").sql("sleep", "select pg_sleep(60)"));
            host.awaitStatement("pg_sleep");
            host.runner.cancel(handle.runId(), "bob");
            TestHost.end(handle);
            assertThat(interrupted).containsExactly(false, false);
        }
    }
}
