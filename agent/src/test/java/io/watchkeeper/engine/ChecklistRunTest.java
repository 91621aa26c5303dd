package io.watchkeeper.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose items do not wait for each other. */
class ChecklistRunTest {

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

    private static TestRunbook checklist() {
        return TestRunbook.named("checklist-daily").checklist(Checklist.DAILY);
    }

    @Test
    void itemsAfterOneThatFailedAreDoneAndTheRunFailsAtItsEnd() {
        AtomicReference<String> told = new AtomicReference<>("");
        RunOutcome run = host.run(checklist()
                .step("sizes", context -> {
                    throw new OperatorException("the disk is full in 2 days", "remove something.");
                })
                .sql("made", "create table made ()")
                .step("locks", context -> {
                    throw new OperatorException("somebody waits", null);
                })
                .onFailure(context -> told.set(context.error().orElseThrow().message())));

        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(run.checklist()).isEqualTo(Checklist.DAILY);
        assertThat(run.steps().subList(0, 3))
                .extracting(StepOutcome::state)
                .containsExactly(RunState.FAILED, RunState.SUCCEEDED, RunState.FAILED);
        assertThat(TestHost.error(run).message()).isEqualTo("the disk is full in 2 days; and 1 more item failed");
        assertThat(TestHost.error(run).hint()).isEqualTo("remove something.");
        assertThat(told.get()).isEqualTo(TestHost.error(run).message());
        assertThat(host.query("select to_regclass('made')::text")).containsExactly("made");
    }

    @Test
    void cancelEndsAllOfIt() {
        RunHandle handle = host.start(checklist()
                .step("first", context -> {
                    throw new OperatorException("it failed before", null);
                })
                .sql("sleep", "select pg_sleep(60)")
                .sql("after", "create table never ()"));
        host.awaitStatement("pg_sleep");
        host.runner.cancel(handle.runId(), "alice over HTTP");
        RunOutcome run = TestHost.end(handle);

        assertThat(run.state()).isEqualTo(RunState.CANCELLED);
        assertThat(run.steps())
                .extracting(StepOutcome::state)
                .containsExactly(RunState.FAILED, RunState.CANCELLED, RunState.SKIPPED);
        host.awaitNoStatements();
    }

    @Test
    void everyOtherRunbookStillEndsAtItsFirstFailure() {
        RunOutcome run = host.run(TestRunbook.named("nightly")
                .step("first", context -> {
                    throw new OperatorException("it failed", null);
                })
                .sql("after", "create table never ()"));

        assertThat(run.steps()).extracting(StepOutcome::state).containsExactly(RunState.FAILED, RunState.SKIPPED);
        assertThat(run.checklist()).isNull();
        assertThat(TestHost.error(run).message()).isEqualTo("it failed");
    }
}
