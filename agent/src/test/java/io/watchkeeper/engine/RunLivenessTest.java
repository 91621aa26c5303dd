package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.files.LockFile;
import io.watchkeeper.testing.OtherProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // locks are held, not used
class RunLivenessTest {

    @TempDir
    Path state;

    private final String runId = RunId.create(Instant.EPOCH);

    /** Executes, as far as others can tell, the run given. */
    static final class OtherRun {
        public static void main(String[] arguments) throws Exception {
            try (LockFile alive = RunLiveness.begin(StateFolder.open(Path.of(arguments[0])), arguments[1])) {
                OtherProcess.readyUntilEndOfInput();
            }
        }
    }

    @Test
    void seesRunsOfItsOwnProcess() {
        StateFolder folder = StateFolder.open(state);
        assertThat(RunLiveness.isAlive(state, runId)).isFalse();
        try (LockFile alive = RunLiveness.begin(folder, runId)) {
            assertThat(RunLiveness.isAlive(state, runId)).isTrue();
            RunLiveness.sweep(folder);
            assertThat(RunLiveness.isAlive(state, runId)).isTrue();
        }
        assertThat(RunLiveness.isAlive(state, runId)).isFalse();
        assertThat(folder.runs()).isEmptyDirectory();
    }

    @Test
    void lookingAtARunDoesNotEndItForOthers() {
        try (OtherProcess other = OtherProcess.start(OtherRun.class, state.toString(), runId)) {
            for (int i = 0; i < 10; i++) {
                assertThat(RunLiveness.isAlive(state, runId)).isTrue();
            }
        }
        assertThat(RunLiveness.isAlive(state, runId)).isFalse();
    }

    @Test
    void aKilledProcessLeavesADeadRunThatTheSweepRemoves() {
        StateFolder folder = StateFolder.open(state);
        try (OtherProcess other = OtherProcess.start(OtherRun.class, state.toString(), runId)) {
            assertThat(RunLiveness.isAlive(state, runId)).isTrue();
            other.kill();
        }
        assertThat(RunLiveness.isAlive(state, runId)).isFalse();
        assertThat(folder.runs()).isNotEmptyDirectory();
        RunLiveness.sweep(folder);
        assertThat(folder.runs()).isEmptyDirectory();
    }

    @Test
    void takesNoPathForARunId() throws Exception {
        Files.createFile(state.resolve("x.lock"));
        assertThat(RunLiveness.isAlive(state, "../x")).isFalse();
        assertThat(RunLiveness.isAlive(state, "")).isFalse();
    }

    @Test
    void aStateDirectoryThatIsNotThereHasNoRuns() {
        assertThat(RunLiveness.isAlive(state.resolve("missing"), runId)).isFalse();
    }
}
