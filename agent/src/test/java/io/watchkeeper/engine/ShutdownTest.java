package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of runs when the agent stops. */
class ShutdownTest {

    @TempDir
    Path state;

    @Test
    void letsARunFinishWithinTheGracePeriod() {
        try (TestHost host = new TestHost(state)) {
            RunHandle handle = host.start(TestRunbook.named("nightly").sql("sleep", "select pg_sleep(1)"));
            host.awaitStatement("pg_sleep");
            host.runner.shutdown(Duration.ofSeconds(30));

            assertThat(handle.outcome().join().state()).isEqualTo(RunState.SUCCEEDED);
            host.assertNothingLeft();
        }
    }

    @Test
    void cancelsWhatGoesOnAfterTheGracePeriod() {
        try (TestHost host = new TestHost(state)) {
            RunHandle handle = host.start(TestRunbook.named("nightly").sql("sleep", "select pg_sleep(60)"));
            host.awaitStatement("pg_sleep");
            host.runner.shutdown(Duration.ofMillis(100));

            assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
            assertThat(TestHost.error(TestHost.end(handle)).message()).isEqualTo("cancelled: the agent is stopping");
            host.assertNothingLeft();
        }
    }

    @Test
    void refusesNewRunsAndIsHarmlessWhenRepeated() {
        try (TestHost host = new TestHost(state)) {
            host.runner.shutdown(Duration.ZERO);
            host.runner.shutdown(Duration.ofSeconds(30));

            assertThatThrownBy(() -> host.start(TestRunbook.named("nightly")))
                    .isInstanceOf(OperatorException.class)
                    .hasMessage("the agent is stopping");
            assertThat(host.events.events).isEmpty();
        }
    }

    @Test
    void cancelsAtOnceWhenInterrupted() throws Exception {
        try (TestHost host = new TestHost(state)) {
            RunHandle handle = host.start(TestRunbook.named("nightly").sql("sleep", "select pg_sleep(60)"));
            host.awaitStatement("pg_sleep");
            CountDownLatch done = new CountDownLatch(1);
            Thread stopping = new Thread(() -> {
                host.runner.shutdown(Duration.ofMinutes(10));
                done.countDown();
            });
            stopping.start();
            stopping.interrupt();

            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
        }
    }

    @Test
    void aWaitThatIsGoingOnCanBeCutShortAndSaysSoBeforeItCancels() throws Exception {
        try (TestHost host = new TestHost(state)) {
            RunHandle handle = host.start(TestRunbook.named("nightly").sql("sleep", "select pg_sleep(60)"));
            host.awaitStatement("pg_sleep");
            CountDownLatch told = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(1);
            Thread stopping = new Thread(() -> {
                if (host.runner.shutdown(Duration.ofMinutes(10), told::countDown)) {
                    done.countDown();
                }
            });
            stopping.start();
            org.awaitility.Awaitility.await()
                    .until(() -> stopping.getState() == Thread.State.TIMED_WAITING
                            && !handle.outcome().isDone());
            assertThat(told.getCount()).isEqualTo(1);

            host.runner.hurry(Duration.ZERO);

            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(told.getCount()).isZero();
            assertThat(TestHost.end(handle).state()).isEqualTo(RunState.CANCELLED);
        }
    }

    @Test
    void saysThatARunDoesNotEnd() {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (TestHost host = new TestHost(state)) {
            RunHandle handle = host.start(TestRunbook.named("stubborn").step("hang", context -> {
                begun.countDown();
                while (release.getCount() > 0) {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        // Deaf to being stopped, which is what this is about.
                    }
                }
            }));
            begun.await();

            assertThat(host.runner.shutdown(Duration.ZERO, Duration.ofMillis(50), () -> {}))
                    .isFalse();

            release.countDown();
            handle.outcome().join();
            assertThat(host.runner.shutdown(Duration.ofSeconds(30))).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            release.countDown();
        }
    }

    @Test
    void aRunnerLeavesNoThreadBehind() {
        TestHost host = new TestHost(state);
        host.run(TestRunbook.named("nightly"));
        host.close();
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .doesNotContain("run timer"));
    }
}
