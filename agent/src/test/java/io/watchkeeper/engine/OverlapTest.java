package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.runbook.Policy.Overlap;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two runs of one runbook at the same time, in one process and in two. */
class OverlapTest {

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

    private static TestRunbook sleeping(Overlap overlap, String seconds) {
        return TestRunbook.named("nightly").overlap(overlap).sql("sleep", "select pg_sleep(" + seconds + ")");
    }

    private void cancel(RunHandle... handles) {
        for (RunHandle handle : handles) {
            host.runner.cancel(handle.runId(), "the test is over");
            TestHost.end(handle);
        }
    }

    @Test
    void skipRecordsTheSecondRunAndNamesTheFirst() {
        RunHandle first = host.start(sleeping(Overlap.SKIP, "60"));
        host.awaitStatement("pg_sleep");

        RunOutcome second = host.run(sleeping(Overlap.SKIP, "60"));
        assertThat(second.state()).isEqualTo(RunState.SKIPPED);
        assertThat(TestHost.error(second).message()).startsWith("'nightly' is already running: run " + first.runId());
        assertThat(TestHost.error(second).hint()).contains("overlap queue", "watchkeeper cancel " + first.runId());
        assertThat(second.steps()).isEmpty();
        cancel(first);
        assertThat(host.run(sleeping(Overlap.SKIP, "0")).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void anotherRunbookDoesNotOverlap() {
        RunHandle first = host.start(sleeping(Overlap.SKIP, "60"));
        host.awaitStatement("pg_sleep");
        assertThat(host.run(TestRunbook.named("other").sql("one", "select 1")).state())
                .isEqualTo(RunState.SUCCEEDED);
        cancel(first);
    }

    @Test
    void queueRunsOneAfterTheOtherInTheOrderOfTheirRequests() {
        List<RunHandle> handles = new ArrayList<>();
        handles.add(host.start(sleeping(Overlap.QUEUE, "1")));
        host.awaitStatement("pg_sleep");
        for (int i = 1; i < 4; i++) {
            handles.add(host.start(sleeping(Overlap.QUEUE, "0")));
            int waiting = i;
            await().until(() -> host.events.logTexts().stream()
                            .filter(line -> line.startsWith("waits for run"))
                            .count()
                    >= waiting);
        }
        handles.forEach(handle -> assertThat(TestHost.end(handle).state()).isEqualTo(RunState.SUCCEEDED));

        assertThat(host.events.finished)
                .extracting(RunOutcome::runId)
                .containsExactlyElementsOf(
                        handles.stream().map(RunHandle::runId).toList());
        List<String> happened = host.events.events.stream()
                .filter(event -> event.startsWith("started") || event.startsWith("finished"))
                .toList();
        for (int i = 0; i < happened.size(); i += 2) {
            assertThat(happened.get(i)).isEqualTo("started nightly RUNNING");
            assertThat(happened.get(i + 1)).isEqualTo("finished nightly SUCCEEDED");
        }
    }

    @Test
    void replaceCancelsTheOldRunAndStartsAfterItsEnd() {
        RunHandle old = host.start(sleeping(Overlap.REPLACE, "60"));
        host.awaitStatement("pg_sleep");

        RunOutcome fresh = host.run(sleeping(Overlap.REPLACE, "0"));
        assertThat(fresh.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(TestHost.end(old).state()).isEqualTo(RunState.CANCELLED);
        assertThat(TestHost.error(TestHost.end(old)).message())
                .isEqualTo("cancelled: replaced by run " + fresh.runId());
        assertThat(host.events.finished).extracting(RunOutcome::runId).containsExactly(old.runId(), fresh.runId());
    }

    @Test
    void replaceAlsoCancelsThoseThatWait() {
        RunHandle first = host.start(sleeping(Overlap.QUEUE, "60"));
        host.awaitStatement("pg_sleep");
        RunHandle second = host.start(sleeping(Overlap.QUEUE, "60"));
        host.awaitLog("waits for run " + first.runId());

        RunOutcome third = host.run(sleeping(Overlap.REPLACE, "0"));
        assertThat(third.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(TestHost.end(first).state()).isEqualTo(RunState.CANCELLED);
        assertThat(TestHost.end(second).state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void skipsForARunOfAnotherProcess() {
        try (OtherProcess other = OtherRunner.start(host, "nightly", Overlap.SKIP, "")) {
            String otherId = other.readLine();
            RunOutcome run = host.run(sleeping(Overlap.SKIP, "60"));
            assertThat(run.state()).isEqualTo(RunState.SKIPPED);
            assertThat(TestHost.error(run).message()).contains("run " + otherId + " of 'nightly'");
            assertThat(host.runner.running()).isEmpty();

            assertThat(host.runner.cancel(otherId, "alice at the agent")).isTrue();
            assertThat(other.readLine()).isEqualTo("CANCELLED cancelled: alice at the agent");
        }
        host.awaitNoStatements();
    }

    @Test
    void replacesARunOfAnotherProcess() {
        try (OtherProcess other = OtherRunner.start(host, "nightly", Overlap.SKIP, "")) {
            other.readLine();
            RunOutcome run = host.run(sleeping(Overlap.REPLACE, "0"));
            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(other.readLine()).isEqualTo("CANCELLED cancelled: replaced by run " + run.runId());
        }
    }

    @Test
    void aCancelRequestIsNoticedByTheOtherProcessWithinASecond() {
        try (OtherProcess other = OtherRunner.start(host, "nightly", Overlap.SKIP, "")) {
            String otherId = other.readLine();
            long before = System.nanoTime();
            host.runner.cancel(otherId, "alice");
            other.readLine();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test
    void aKilledProcessIsNoLongerInTheWay() {
        try (OtherProcess other = OtherRunner.start(host, "nightly", Overlap.SKIP, "")) {
            String otherId = other.readLine();
            assertThat(RunLiveness.isAlive(state, otherId)).isTrue();
            other.kill();

            assertThat(RunLiveness.isAlive(state, otherId)).isFalse();
            assertThat(host.runner.cancel(otherId, "bob")).isFalse();
            assertThat(host.run(sleeping(Overlap.SKIP, "0")).state()).isEqualTo(RunState.SUCCEEDED);
        }
        RunLiveness.sweep(new StateFolder(state));
        host.query(
                "select pg_terminate_backend(pid) from pg_stat_activity where query like '%other process%' and pid <> pg_backend_pid()");
    }
}
