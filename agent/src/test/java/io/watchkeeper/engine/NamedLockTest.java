package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Policy.Overlap;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of different runbooks that must not go on at the same time. */
class NamedLockTest {

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
    void runsThatShareALockNeverOverlap() {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<RunHandle> handles = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            // In different orders, which must not make them wait for each other for ever.
            String[] locks = i % 2 == 0 ? new String[] {"table-io", "backup"} : new String[] {"backup", "table-io"};
            handles.add(host.start(TestRunbook.named("runbook-" + i)
                    .locks(locks)
                    .step("work", context -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        TestRunbook.execute(context, "select pg_sleep(0.05)");
                        inside.decrementAndGet();
                    })));
        }
        handles.forEach(handle -> assertThat(TestHost.end(handle).state()).isEqualTo(RunState.SUCCEEDED));
        assertThat(most).hasValue(1);
    }

    @Test
    void theLogSaysWhoHoldsTheLock() {
        RunHandle holder =
                host.start(TestRunbook.named("backup").locks("table-io").sql("sleep", "select pg_sleep(60)"));
        host.awaitStatement("pg_sleep");
        RunHandle waiting =
                host.start(TestRunbook.named("sync").locks("table-io").sql("one", "select 1"));
        host.awaitLog("waits for lock 'table-io', which run " + holder.runId() + " of 'backup'");

        host.runner.cancel(holder.runId(), "bob");
        assertThat(TestHost.end(waiting).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void aFailedRunReleasesItsLocks() {
        host.run(TestRunbook.named("broken").locks("table-io").sql("one", "select 1/0"));
        assertThat(host.run(TestRunbook.named("next").locks("table-io").sql("one", "select 1"))
                        .state())
                .isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void waitsForARunOfAnotherProcess() {
        try (OtherProcess other = OtherRunner.start(host, "backup", Overlap.SKIP, "table-io")) {
            String otherId = other.readLine();
            RunHandle waiting =
                    host.start(TestRunbook.named("sync").locks("table-io").sql("one", "select 1"));
            host.awaitLog("waits for lock 'table-io', which run " + otherId + " of 'backup'");
            assertThat(waiting.outcome()).isNotDone();

            host.runner.cancel(otherId, "bob");
            assertThat(TestHost.end(waiting).state()).isEqualTo(RunState.SUCCEEDED);
        }
    }

    @Test
    void aKilledProcessLetsGoOfItsLocks() {
        try (OtherProcess other = OtherRunner.start(host, "backup", Overlap.SKIP, "table-io")) {
            RunHandle waiting =
                    host.start(TestRunbook.named("sync").locks("table-io").sql("one", "select 1"));
            host.awaitLog("waits for lock 'table-io'");
            other.kill();

            assertThat(TestHost.end(waiting).state()).isEqualTo(RunState.SUCCEEDED);
        }
        RunLiveness.sweep(new StateFolder(state));
        host.query(
                "select pg_terminate_backend(pid) from pg_stat_activity where query like '%other process%' and pid <> pg_backend_pid()");
    }

    @Test
    void anyNameIsTheNameOfAFile() {
        RunOutcome run = host.run(TestRunbook.named("../../odd name/한국어")
                .locks("../../../tmp/x", "테이블", "a b", ".", "x".repeat(1000))
                .sql("one", "select 1"));

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(RunLocks.fileName("a/b")).isNotEqualTo(RunLocks.fileName("a b"));
        assertThat(RunLocks.fileName("x".repeat(1000))).isNotEqualTo(RunLocks.fileName("x".repeat(1001)));
    }

    @Test
    void aFullDiskIsSaidInPlainWords() throws Exception {
        Path full = Files.createDirectory(state.resolve("full"));
        Assumptions.assumeTrue(
                command("mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", full.toString()),
                "needs the right to mount");
        try (TestHost other = new TestHost(full)) {
            RunHandle holder = other.start(TestRunbook.named("holder").sql("sleep", "select pg_sleep(60)"));
            other.awaitStatement("pg_sleep");
            try (var out = Files.newOutputStream(full.resolve("fill"))) {
                while (true) {
                    out.write(new byte[512]);
                }
            } catch (java.io.IOException e) {
                assertThat(e).hasMessageContaining("No space left");
            }

            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> other.start(TestRunbook.named("next"))))
                    .isInstanceOfSatisfying(OperatorException.class, e -> {
                        assertThat(e).hasMessageContaining("No space left on device");
                        assertThat(e.hint()).contains("free space");
                    });
            other.runner.cancel(holder.runId(), "bob");
            assertThat(TestHost.end(holder).state()).isEqualTo(RunState.CANCELLED);
            Files.delete(full.resolve("fill"));
            assertThat(other.run(TestRunbook.named("next").sql("one", "select 1"))
                            .state())
                    .isEqualTo(RunState.SUCCEEDED);
            other.assertNothingLeft();
        } finally {
            await().until(() -> command("umount", full.toString()));
        }
    }

    private static boolean command(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    @Test
    void leftoversOfKilledProcessesAreSweptAtTheStart() throws Exception {
        String dead = RunId.create(java.time.Instant.EPOCH);
        StateFolder folder = new StateFolder(state);
        Files.createFile(folder.runs().resolve(dead + ".lock"));
        Files.writeString(folder.cancelRequests().resolve(dead), "bob");
        try (TestHost next = new TestHost(state)) {
            next.assertNothingLeft();
        }
    }
}
