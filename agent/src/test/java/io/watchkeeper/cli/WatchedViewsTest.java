package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.testing.TestHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --watch}, with processes of their own that are told to stop. */
class WatchedViewsTest {

    @TempDir
    Path home;

    private TestHost host;

    @BeforeEach
    void makeHost() {
        host = new TestHost(home);
        host.runbook("a.groovy", "runbook('say') { step('x') { log.info 'x' } }\n");
    }

    @Test
    void aNewRunIsSeenAndAStopBringsTheTerminalBack() throws Exception {
        assertThat(host.call("run", "say").exitStatus()).isZero();
        Process watch = host.spawn(
                Map.of("WATCHKEEPER_TERMINAL", "1", "COLUMNS", "100", "LINES", "30", "TERM", "xterm"),
                "history",
                "--watch",
                "0.5");
        try {
            await().atMost(Duration.ofMinutes(1)).until(() -> screen().contains("say"));
            assertThat(host.call("run", "say").exitStatus()).isZero();
            await().atMost(Duration.ofMinutes(1)).until(() -> lastScreen().split(" say ", -1).length == 3);
        } finally {
            watch.destroy();
        }
        assertThat(watch.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(watch.exitValue()).isZero();
        assertThat(screen()).startsWith("\u001b[?1049h\u001b[?25l").endsWith("\u001b[?25h\u001b[?1049l");
        assertThat(screen().split("\u001b\\[\\?1049l", -1)).as("restored once").hasSize(2);
    }

    @Test
    void inAPipeItIsPlainAndTheStatusIsThatOfTheLastLook() throws Exception {
        Process watch = host.spawn(Map.of("WATCHKEEPER_TERMINAL", "0"), "status", "--watch", "0.5");
        try {
            await().atMost(Duration.ofMinutes(1)).until(() -> screen().contains("no agent answers at"));
        } finally {
            watch.destroy();
        }
        assertThat(watch.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(watch.exitValue()).isEqualTo(1);
        assertThat(screen()).doesNotContain("\u001b").containsOnlyOnce("no agent answers at");
    }

    @Test
    void watchAndJsonDoNotGoTogether() {
        TestHost.Called called = host.call("history", "--watch", "--json");

        assertThat(called.exitStatus()).isEqualTo(2);
        assertThat(called.err()).contains("--watch and --json do not go together");
    }

    private String screen() {
        return host.spawnedOutput();
    }

    private String lastScreen() {
        String all = screen();
        return all.substring(Math.max(0, all.lastIndexOf("\u001b[H")));
    }
}
