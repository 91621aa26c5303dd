package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.audit.AuditVerdict;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of one megabyte, which only root can mount. */
class AuditTrailFullDiskTest {

    @TempDir
    Path folder;

    private Path state;
    private RunHistory history;
    private AuditTrail trail;

    @BeforeEach
    void mount() throws Exception {
        state = Files.createDirectory(folder.resolve("state"));
        assumeThat(command("mount", "-t", "tmpfs", "-o", "size=1m", "watchkeeper-test", state.toString()))
                .as("a file system can be mounted here")
                .isZero();
        history = RunHistory.open(state, new SettableClock(Runs.START));
        trail = history.audit("shore-1");
    }

    @AfterEach
    void unmount() throws Exception {
        if (history != null) {
            history.close();
            command("umount", state.toString());
        }
    }

    @Test
    void whatCannotBeRecordedIsRefusedAndTheTrailStaysWhole() throws IOException {
        record("before");
        fillDisk();
        // The write-ahead log may have room for some more within its last page.
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 500; i++) {
                        record("full");
                    }
                })
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is full");
        trail.anchor();

        Files.delete(state.resolve("filler"));
        record("after");
        trail.anchor();

        AuditVerdict verdict = trail.verify(List.of());
        assertThat(verdict.isIntact()).as("%s", verdict.damage()).isTrue();
        assertThat(verdict.anchors())
                .singleElement()
                .satisfies(one -> assertThat(one.state()).isEqualTo("confirmed"));
        assertThat(trail.newest("after", List.of("test.done"))).isPresent();
    }

    private void record(String subject) {
        trail.record(new AuditEvent("user:test", "terminal", "test.done", subject, "ok", Map.of("x", "y".repeat(500))));
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
