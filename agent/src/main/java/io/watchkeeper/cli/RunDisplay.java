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
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows a run while it goes on: steps as they end, a bar for what is being copied on a terminal, plain lines in a pipe. */
final class RunDisplay implements RunListener, AutoCloseable {

    private final Terminal terminal;
    private final RunPrinter printer;
    private final boolean quiet;
    private final List<String> guardLines = new ArrayList<>();
    private @Nullable ProgressBar bar;
    private String barSubject = "";

    /** @param quiet only collect, draw nothing */
    RunDisplay(Invocation invocation, boolean quiet) {
        this.terminal = invocation.terminal();
        this.printer = new RunPrinter(terminal, invocation.clock().getZone());
        this.quiet = quiet;
    }

    /** What the guards said, for the end of a dry run. */
    List<String> guardLines() {
        return guardLines;
    }

    synchronized void cancelling() {
        if (!quiet) {
            close();
            terminal.error(" … cancelling: statements are cancelled on the servers");
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
    public synchronized void progressed(String runId, int stepIndex, Progress progress) {
        if (quiet || !terminal.isInteractive()) {
            return;
        }
        if (bar == null || !barSubject.equals(progress.subject())) {
            close();
            barSubject = progress.subject();
            bar = new ProgressBarBuilder()
                    .setTaskName("   " + progress.subject())
                    .setInitialMax(progress.totalRows())
                    .setUnit(" rows", 1)
                    .setStyle(ProgressBarStyle.builder()
                            .leftBracket(" ")
                            .rightBracket(" ")
                            .block('█')
                            .space('░')
                            .build())
                    .setUpdateIntervalMillis(250)
                    .showSpeed()
                    .setConsumer(
                            new ConsoleProgressBarConsumer(terminal.progressStream(), Math.min(terminal.width(), 120)))
                    .build();
        }
        // The total is the planner's estimate; a bar that runs past its end would look broken.
        if (progress.totalRows() >= 0 && progress.rows() > bar.getMax()) {
            bar.maxHint(progress.rows());
        }
        bar.stepTo(progress.rows());
    }

    @Override
    public synchronized void logged(String runId, LogLine line) {
        if (line.message().startsWith("guard ")) {
            guardLines.add(line.message());
        }
        if (!quiet) {
            close();
            String mark = switch (line.level()) {
                case INFO -> "·";
                case WARN -> terminal.paint(Terminal.Colour.AMBER, "▲");
                case ERROR -> terminal.paint(Terminal.Colour.RED, "✖");
            };
            terminal.print("   " + mark + " " + line.message());
        }
    }

    /** Takes the progress bar off the screen. */
    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            barSubject = "";
        }
    }
}
