package io.watchkeeper.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one store, some of them killed in the middle of it. */
class RunHistoryProcessesTest {

    private static final int ROUNDS = 6;

    @TempDir
    Path state;

    private final SettableClock clock = new SettableClock(Runs.START);

    @Test
    void nothingAcknowledgedIsLostWhenTheWriterIsKilled() throws Exception {
        Random random = new Random();
        List<String> said = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            int linesBeforeTheKill = 1 + random.nextInt(200);
            Process writer = HistoryWriter.start("write", state.toString(), "1000000");
            try (BufferedReader output = writer.inputReader()) {
                for (int i = 0; i < linesBeforeTheKill; i++) {
                    said.add(output.readLine());
                }
                // Not by Process.destroyForcibly, which would close the output that still holds acknowledgements.
                writer.toHandle().destroyForcibly();
                output.lines()
                        .filter(line -> line.length() >= "step ".length() + 26)
                        .forEach(said::add);
            }
            assertThat(writer.waitFor()).isEqualTo(128 + 9);
        }
        try (RunHistory history = RunHistory.open(state, clock)) {
            assertThat(history.damage()).isEmpty();
            assertThat(said).hasSizeGreaterThan(ROUNDS).doesNotContainNull();
            for (String line : said) {
                checkOnDisk(history, line);
            }
            history.markInterrupted();
            assertThat(history.list(new RunHistory.Query(null, RunState.RUNNING, 10, null)))
                    .isEmpty();
            assertThat(history.list(new RunHistory.Query(null, RunState.QUEUED, 10, null)))
                    .isEmpty();
        }
    }

    private static void checkOnDisk(RunHistory history, String said) {
        String[] words = said.split(" ", 2);
        RunOutcome run = history.find(words[1]).orElseThrow(() -> new AssertionError("lost: " + said));
        switch (words[0]) {
            case "accepted" -> assertThat(run.runbook()).isEqualTo("crash");
            case "step" -> {
                assertThat(run.steps()).singleElement().satisfies(step -> {
                    assertThat(step.state()).isEqualTo(RunState.SUCCEEDED);
                    assertThat(step.results()).hasSize(1);
                });
                assertThat(history.log(run.runId())).hasSize(20);
            }
            case "finished" -> assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            default -> throw new AssertionError(said);
        }
    }

    @Test
    void twoProcessesAndThisOneRecordAtOnce() throws Exception {
        Process one = HistoryWriter.start("write", state.toString(), "60");
        Process two = HistoryWriter.start("write", state.toString(), "60");
        try (RunHistory history = RunHistory.open(state, clock);
                BufferedReader first = one.inputReader();
                BufferedReader second = two.inputReader()) {
            for (int i = 0; i < 60; i++) {
                Runs.record(history, "here", RunState.SUCCEEDED);
            }
            assertThat(first.lines().filter(l -> l.startsWith("finished")).count())
                    .isEqualTo(60);
            assertThat(second.lines().filter(l -> l.startsWith("finished")).count())
                    .isEqualTo(60);
            assertThat(one.waitFor()).isZero();
            assertThat(two.waitFor()).isZero();
            List<RunOutcome> all = history.list(new RunHistory.Query(null, RunState.SUCCEEDED, 1000, null));
            assertThat(all).hasSize(180);
            assertThat(history.damage()).isEmpty();
        } finally {
            one.destroyForcibly();
            two.destroyForcibly();
        }
    }

    @Test
    void aRunThatAnotherProcessIsRunningIsNotTouchedUntilThatProcessDies() throws Exception {
        String runId = Runs.id();
        Process holder = HistoryWriter.start("hold", state.toString(), runId);
        try (RunHistory history = RunHistory.open(state, clock);
                BufferedReader output = holder.inputReader()) {
            assertThat(output.readLine()).isEqualTo("holds " + runId);

            assertThat(history.markInterrupted()).isEmpty();
            assertThat(history.find(runId).orElseThrow().state()).isEqualTo(RunState.RUNNING);

            holder.destroyForcibly().waitFor();
            assertThat(history.markInterrupted())
                    .singleElement()
                    .satisfies(run -> assertThat(Runs.error(run).message()).contains("interrupted"));
            assertThat(history.find(runId).orElseThrow().state()).isEqualTo(RunState.FAILED);
            assertThat(history.lastEnd("held")).contains(RunState.FAILED);
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void anInterruptedRunLastedUntilItsLastEvent() throws IOException {
        RunOutcome started = Runs.accepted("sync");
        RunOutcome queued = Runs.accepted("sync");
        try (RunHistory history = RunHistory.open(state, clock)) {
            history.runAccepted(started);
            history.runAccepted(queued);
            history.runStarted(Runs.in(RunState.RUNNING, started));
            clock.forward(Duration.ofSeconds(10));
            history.stepStarted(started.runId(), 0, "copy");
            history.logged(started.runId(), new LogLine(Runs.START.plusSeconds(17), LogLine.Level.INFO, "still here"));
            clock.forward(Duration.ofHours(5));
        }
        try (RunHistory history = RunHistory.open(state, clock)) {
            List<RunOutcome> marked = history.markInterrupted();
            assertThat(marked).extracting(RunOutcome::runId).containsExactly(started.runId(), queued.runId());
            RunOutcome run = history.find(started.runId()).orElseThrow();
            assertThat(run).isEqualTo(marked.get(0));
            assertThat(run.state()).isEqualTo(RunState.FAILED);
            assertThat(run.duration()).isEqualTo(Duration.ofSeconds(17));
            assertThat(Runs.error(run).message())
                    .isEqualTo("interrupted: the process that ran it ended before the run did");
            assertThat(Runs.error(run).hint()).contains("journalctl").contains("watchkeeper run sync");
            assertThat(run.steps()).singleElement().satisfies(step -> {
                assertThat(step.state()).isEqualTo(RunState.FAILED);
                assertThat(Runs.error(step).message()).contains("interrupted");
            });
            assertThat(history.find(queued.runId()).orElseThrow().duration()).isZero();
            assertThat(history.markInterrupted()).isEmpty();
        }
    }

    @Test
    void endedRunsAreNotMarkedInterrupted() {
        try (RunHistory history = RunHistory.open(state, clock)) {
            for (RunState end : RunState.values()) {
                if (end.isFinal()) {
                    Runs.record(history, "sync", end);
                }
            }
            assertThat(history.markInterrupted()).isEmpty();
        }
    }
}
