package io.watchkeeper.cli;

import io.watchkeeper.engine.ProgressBoard;
import io.watchkeeper.engine.ProgressLine;
import io.watchkeeper.postgres.Progress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far the tables of a run are: redrawn in place on a terminal, a plain line for each from time to time elsewhere. It
 * looks by itself, so that what stands still is seen to.
 */
final class LiveProgress implements AutoCloseable {

    private static final Duration REDRAW = Duration.ofMillis(250);
    private static final Duration PLAIN = Duration.ofSeconds(10);

    private final ProgressBoard board = new ProgressBoard();
    private final Terminal terminal;
    private final LiveLines drawn;
    private final Duration interval;
    private @Nullable ScheduledExecutorService ticker;
    private @Nullable ScheduledFuture<?> ticking;

    LiveProgress(Terminal terminal) {
        this(terminal, terminal.movesCursor() ? REDRAW : PLAIN);
    }

    LiveProgress(Terminal terminal, Duration interval) {
        this.terminal = terminal;
        this.drawn = new LiveLines(terminal.out(), terminal.width());
        this.interval = interval;
    }

    synchronized void take(Progress progress) {
        board.take(progress, System.nanoTime());
        if (ticker == null) {
            ticker = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "progress-display");
                thread.setDaemon(true);
                return thread;
            });
            ticking = ticker.scheduleAtFixedRate(
                    this::show, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void show() {
        if (ticker == null) {
            return;
        }
        List<ProgressLine> lines = board.lines(System.nanoTime());
        if (terminal.movesCursor()) {
            drawn.draw(ProgressText.drawn(lines, terminal.width()));
        } else {
            lines.forEach(line -> terminal.print(ProgressText.plain(line)));
        }
    }

    /** Prints something above the tables. */
    synchronized void above(Runnable print) {
        drawn.erase();
        print.run();
    }

    /** The step has ended: nothing is left to show. */
    @Override
    public synchronized void close() {
        drawn.erase();
        board.clear();
        if (ticker != null) {
            ticker.shutdown();
            ticker = null;
        }
        if (ticking != null) {
            ticking.cancel(false);
            ticking = null;
        }
    }
}
