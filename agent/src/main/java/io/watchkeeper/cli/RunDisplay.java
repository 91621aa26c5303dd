package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import java.util.ArrayList;
import java.util.List;

/** Shows a run while it goes on: steps as they end, and how far the tables are that are being copied. */
final class RunDisplay implements RunListener, AutoCloseable {

    private final Terminal terminal;
    private final RunPrinter printer;
    private final LiveProgress progress;
    private final boolean quiet;
    private final List<String> guardLines = new ArrayList<>();

    /** @param quiet only collect, draw nothing */
    RunDisplay(Invocation invocation, boolean quiet) {
        this.terminal = invocation.terminal();
        this.printer = new RunPrinter(terminal, invocation.clock().getZone());
        this.progress = new LiveProgress(terminal);
        this.quiet = quiet;
    }

    /** What the guards said, for the end of a dry run. */
    List<String> guardLines() {
        return guardLines;
    }

    synchronized void cancelling() {
        if (!quiet) {
            progress.above(() -> terminal.error(" … cancelling: statements are cancelled on the servers"));
        }
    }

    @Override
    public synchronized void runAccepted(RunOutcome run) {
        if (!quiet) {
            terminal.print(run.runbook() + " · run " + run.runId());
        }
    }

    @Override
    public synchronized void stepFinished(String runId, StepOutcome step) {
        if (!quiet && step.state() != RunState.SKIPPED) {
            close();
            JsonNode document = Invocation.tree(RunDocument.step(step));
            printer.step(document);
        }
    }

    @Override
    public synchronized void progressed(String runId, int stepIndex, Progress now) {
        if (!quiet) {
            progress.take(now);
        }
    }

    @Override
    public synchronized void logged(String runId, LogLine line) {
        if (line.message().startsWith("guard ")) {
            guardLines.add(line.message());
        }
        if (!quiet) {
            String mark = switch (line.level()) {
                case INFO -> "·";
                case WARN -> terminal.paint(Terminal.Colour.AMBER, "▲");
                case ERROR -> terminal.paint(Terminal.Colour.RED, "✖");
            };
            progress.above(() -> terminal.print("   " + mark + " " + line.message()));
        }
    }

    /** Takes what is drawn off the screen. */
    @Override
    public void close() {
        progress.close();
    }
}
