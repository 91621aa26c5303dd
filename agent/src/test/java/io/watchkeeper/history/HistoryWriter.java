package io.watchkeeper.history;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A process that records runs, to be killed by tests. Says on its output what it was told is on disk. */
final class HistoryWriter {

    private HistoryWriter() {}

    /** {@code write STATE COUNT} records so many runs; {@code hold STATE RUN_ID} begins one and goes on for ever. */
    public static void main(String[] args) throws Exception {
        Path state = Path.of(args[1]);
        try (RunHistory history = RunHistory.open(state, Clock.systemUTC())) {
            if (args[0].equals("hold")) {
                hold(state, args[2], history);
            } else {
                IntStream.range(0, Integer.parseInt(args[2])).forEach(i -> record(history, i));
            }
        }
    }

    static Process start(String... args) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                HistoryWriter.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void record(RunHistory history, int number) {
        RunOutcome run = Runs.accepted("crash");
        history.runAccepted(run);
        say("accepted " + run.runId());
        history.runStarted(Runs.in(RunState.RUNNING, run));
        history.stepStarted(run.runId(), 0, "step 0");
        for (int line = 0; line < 20; line++) {
            history.logged(run.runId(), Runs.line("line " + line + " of run " + number));
        }
        VerbResult result = new VerbResult("query", Map.of("text", "x".repeat(5_000)));
        history.verbFinished(run.runId(), 0, result);
        StepOutcome step = Runs.step(0, result);
        history.stepFinished(run.runId(), step);
        say("step " + run.runId());
        history.runFinished(Runs.ended(run, RunState.SUCCEEDED, List.of(step), null));
        say("finished " + run.runId());
    }

    private static void hold(Path state, String runId, RunHistory history) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(state.resolve("runs"));
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve(runId + ".lock").toFile(), "rw")) {
            file.getChannel().lock();
            RunOutcome run = Runs.accepted(runId, "held");
            history.runAccepted(run);
            history.runStarted(Runs.in(RunState.RUNNING, run));
            say("holds " + runId);
            Thread.currentThread().join();
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
