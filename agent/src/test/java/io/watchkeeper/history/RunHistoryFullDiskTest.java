package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of one megabyte, which only root can mount. */
class RunHistoryFullDiskTest {

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Runs.START);
    private Path state;
    private RunHistory history;

    @BeforeEach
    void mount() throws Exception {
        state = Files.createDirectory(folder.resolve("state"));
        assumeThat(command("mount", "-t", "tmpfs", "-o", "size=1m", "watchkeeper-test", state.toString()))
                .as("a file system can be mounted here")
                .isZero();
        history = RunHistory.open(state, clock);
    }

    @AfterEach
    void unmount() throws Exception {
        if (history != null) {
            history.close();
            command("umount", state.toString());
        }
    }

    @Test
    void aRunThatCannotBeRecordedIsRefused() throws IOException {
        fillDisk();
        // The write-ahead log may have room for one or two more within its last page.
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        history.runAccepted(Runs.accepted("sync"));
                    }
                })
                .isInstanceOf(OperatorException.class)
                .hasMessage("the disk under " + state.resolve("watchkeeper.db") + " is full")
                .extracting(e -> ((OperatorException) e).hint())
                .asString()
                .contains("free some space");
        assertThatThrownBy(history::requireUsable).isInstanceOf(OperatorException.class);

        Files.delete(state.resolve("filler"));
        history.requireUsable();
        RunOutcome run = Runs.record(history, "sync", RunState.SUCCEEDED);
        assertThat(history.find(run.runId())).contains(run);
    }

    @Test
    void aRunGoesOnWhenTheDiskFillsUpAndItsEndIsStoredLater() throws IOException {
        RunOutcome run = Runs.accepted("sync");
        history.runAccepted(run);
        history.runStarted(Runs.in(RunState.RUNNING, run));
        fillDisk();
        StepOutcome step = Runs.step(0, new VerbResult("query", Map.of("text", "x".repeat(10_000))));
        RunOutcome ended = Runs.ended(run, RunState.SUCCEEDED, List.of(step), null);

        history.stepStarted(run.runId(), 0, "step 0");
        history.logged(run.runId(), Runs.line("x".repeat(10_000)));
        history.verbFinished(run.runId(), 0, step.results().get(0));
        history.stepFinished(run.runId(), step);
        history.runFinished(ended);

        // Already true for this process, though not yet on disk.
        assertThat(history.find(run.runId())).contains(ended);
        assertThat(history.lastEnd("sync")).contains(RunState.SUCCEEDED);
        assertThat(history.markInterrupted()).isEmpty();
        try (RunHistory other = RunHistory.openForReading(state, clock)) {
            assertThat(other.find(run.runId()).orElseThrow().state()).isEqualTo(RunState.RUNNING);
            Files.delete(state.resolve("filler"));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> other.find(run.runId()).equals(java.util.Optional.of(ended)));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> other.log(run.runId()).size() == 1);
        }
    }

    @Test
    void aStoreThatCannotBeMadeIsRefused() throws IOException {
        history.close();
        for (String name : List.of("watchkeeper.db", "watchkeeper.db-wal", "watchkeeper.db-shm")) {
            Files.deleteIfExists(state.resolve(name));
        }
        fillDisk();
        assertThatThrownBy(() -> RunHistory.open(state, clock))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is full");
        Files.delete(state.resolve("filler"));
        RunHistory.open(state, clock).close();
    }

    private void fillDisk() throws IOException {
        try (OutputStream filler = Files.newOutputStream(state.resolve("filler"))) {
            byte[] block = new byte[512];
            while (true) {
                filler.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    private static int command(String... words) throws IOException, InterruptedException {
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
