package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must hold before a run starts. */
class GuardTest {

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

    private TestRunbook guarded(Guard guard) {
        return TestRunbook.named("nightly").guard(guard).sql("work", "create table worked ()");
    }

    private boolean hasWorked() {
        return !host.query("select relname from pg_class where relname = 'worked'")
                .isEmpty();
    }

    @Test
    void aGuardThatHoldsLetsTheRunStart() {
        RunOutcome run = host.run(guarded(new Guard.MinFreeDisk(state.toString(), Ratio.percent(0.001)))
                .guard(new Guard.MaxReplicationLag("shore", Bytes.megabytes(64))));

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(host.events.logTexts())
                .contains("guard maxReplicationLag shore 0 bytes of 64 MB ok")
                .anyMatch(line -> line.startsWith("guard minFreeDisk " + state) && line.endsWith(" of 0.0 % ok"));
    }

    @Test
    void tooLittleFreeDiskSkipsTheRun() {
        RunOutcome run = host.run(guarded(new Guard.MinFreeDisk(state.toString(), Ratio.percent(100))));

        assertThat(run.state()).isEqualTo(RunState.SKIPPED);
        assertThat(TestHost.error(run).message())
                .startsWith("guard not fulfilled: minFreeDisk " + state)
                .endsWith("of 100 %");
        assertThat(run.steps()).isEmpty();
        assertThat(hasWorked()).isFalse();
    }

    @Test
    void aPathThatIsMissingIsAFailure() {
        RunOutcome run = host.run(guarded(new Guard.MinFreeDisk("/no/such/place", Ratio.percent(10))));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(TestHost.error(run).message())
                .isEqualTo("guard minFreeDisk cannot be checked: there is no /no/such/place");
        assertThat(TestHost.error(run).hint()).isNotNull();
        assertThat(hasWorked()).isFalse();
    }

    @Test
    void anUnreachableDatabaseIsAFailure() {
        try (LocalServer server = TestServers.own(Map.of());
                TestHost other =
                        new TestHost(state.resolve("other"), TestServers.settings("shore", server, "postgres"))) {
            server.stop();
            RunOutcome run = other.run(guarded(new Guard.MaxReplicationLag("shore", Bytes.megabytes(64))));

            assertThat(run.state()).isEqualTo(RunState.FAILED);
            assertThat(TestHost.error(run).message()).containsIgnoringCase("refused");
            assertThat(run.steps()).isEmpty();
        }
    }

    @Test
    void aDryRunShowsItsGuardsAndGoesOn() {
        RunOutcome run = host.dryRun(TestRunbook.named("nightly")
                .guard(new Guard.MinFreeDisk(state.toString(), Ratio.percent(100)))
                .guard(new Guard.MinFreeDisk("/no/such/place", Ratio.percent(10)))
                .guard(new Guard.MaxReplicationLag("shore", Bytes.megabytes(64)))
                .step("work", context -> context.plan("execute", "shore", java.util.List.of())));

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(host.events.logTexts())
                .contains("guard maxReplicationLag shore 0 bytes of 64 MB ok")
                .contains("guard minFreeDisk cannot be checked: there is no /no/such/place")
                .anyMatch(line -> line.startsWith("guard minFreeDisk " + state) && line.endsWith("not fulfilled"));
    }
}
