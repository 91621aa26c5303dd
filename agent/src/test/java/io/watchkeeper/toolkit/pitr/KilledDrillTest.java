package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.toolkit.backup.Compression;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a drill ends, no sandbox, no process and no pin of it stays. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledDrillTest {

    private final BackedUpCluster cluster = new BackedUpCluster();

    @BeforeAll
    void backUp() {
        cluster.run("create table t (id int)");
        cluster.backup(Compression.NONE);
        cluster.archive();
    }

    @AfterAll
    void close() {
        cluster.close();
    }

    private Path state() {
        return cluster.home.resolve("state");
    }

    @Test
    void theSweepRemovesWhatAKilledAgentHasLeft() {
        theSweepRemovesWhatAKilledAgentHasLeft("recover");
    }

    @ParameterizedTest
    @ValueSource(strings = {"restore", "check", "remove"})
    @Tag("campaign")
    void theSweepRemovesWhatAKilledAgentHasLeft(String phase) {
        OtherProcess agent = OtherProcess.start(
                DrillProcess.class,
                cluster.home.resolve("repository").toString(),
                state().toString(),
                cluster.server.url("app"),
                phase);
        assertThat(cluster.sandboxes()).isNotEmpty();
        SandboxSweep.sweep(state());
        assertThat(cluster.sandboxes()).as("a living drill's sandbox").isNotEmpty();

        agent.kill();
        // The system ends the server, whatever becomes of the agent.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> OtherProcesses.workingIn(state()).isEmpty());
        SandboxSweep.sweep(state());

        assertThat(cluster.sandboxes()).isEmpty();
        assertThat(cluster.catalogue()
                        .isPinned(cluster.catalogue().backups().get(0).id()))
                .isFalse();
    }

    @Test
    void cancellingRemovesItAtOnce() {
        cancellingRemovesItAtOnce("recover");
    }

    @ParameterizedTest
    @ValueSource(strings = {"restore", "check"})
    @Tag("campaign")
    void cancellingRemovesItAtOnce(String phase) {
        StoppableWork work = new StoppableWork("drill");
        work.onProgress(progress -> {
            if (progress.stage().equals(phase)) {
                work.stop();
            }
        });

        assertThatThrownBy(() -> new PitrDrill(cluster.settings, cluster.database(), work, "01STOPPED")
                        .run(DrillPlan.to(RecoveryTarget.LATEST)))
                .isInstanceOf(WorkCancelledException.class);

        assertThat(cluster.sandboxes()).isEmpty();
        assertThat(OtherProcesses.workingIn(state())).isEmpty();
        assertThat(Files.exists(cluster.catalogue().drillsFolder())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a-sandbox-that-nobody-holds"})
    void theSweepLeavesEverythingElseAlone(String name) throws Exception {
        Path others = Files.createDirectories(state().resolve("letters"));
        Path dead = Files.createDirectories(
                state().resolve("sandboxes").resolve(name).resolve("data"));

        SandboxSweep.sweep(state());

        assertThat(dead).doesNotExist();
        assertThat(others).exists();
        assertThat(List.of(cluster.catalogue().backups().get(0).isGood())).containsExactly(true);
    }
}
