package io.watchkeeper.cli;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Secret;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Shows the same thing again and again until Ctrl-C. On a terminal it is drawn over itself on a screen of its own, line by line without
 * clearing first, so that nothing blinks; at the end the screen from before and the cursor are back. In a pipe it is printed anew when
 * it has changed.
 */
final class Watching {

    private static final String BEGIN = "\u001b[?1049h\u001b[?25l\u001b[?7l";
    private static final String END = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String REST_OF_LINE = "\u001b[K";
    private static final String REST_OF_SCREEN = "\u001b[J";
    private static final Duration SHORTEST = Duration.ofMillis(500);

    private final Terminal terminal;
    private final Clock clock;
    private final Duration interval;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private List<String> last = List.of();

    /** What is shown. */
    record View(List<String> lines, int exitStatus) {}

    /** Looks once. */
    @FunctionalInterface
    interface Look {
        View now();
    }

    /** @param seconds between two looks */
    Watching(Terminal terminal, Clock clock, double seconds) {
        this.terminal = terminal;
        this.clock = clock;
        Duration asked = Duration.ofMillis((long) (seconds * 1_000));
        if (asked.compareTo(SHORTEST) < 0 || asked.compareTo(Duration.ofHours(1)) > 0) {
            throw new UsageException("--watch is " + seconds, "give seconds from 0.5 to 3600.");
        }
        this.interval = asked;
    }

    /** @return the exit status of the last look */
    int until(Look look) {
        return Interrupts.during(this::stop, () -> draw(look), status -> status);
    }

    /** Ends it: the look that is going on is the last. */
    void stop() {
        stopped.countDown();
    }

    private int draw(Look look) {
        PrintStream out = terminal.out();
        int status = ExitStatus.OK;
        if (terminal.movesCursor()) {
            write(out, BEGIN);
        }
        try {
            do {
                View view = looked(look);
                status = view.exitStatus();
                show(view.lines(), out);
            } while (!stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS) && !out.checkError());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (terminal.movesCursor()) {
                write(out, END);
            }
        }
        return status;
    }

    /** An agent that is being restarted, or a store that is locked, is part of what is watched. */
    private View looked(Look look) {
        try {
            return look.now();
        } catch (UsageException | ProblemsException e) {
            throw e;
        } catch (OperatorException e) {
            return new View(List.of(terminal.mark("failed") + " " + e.getMessage()), ExitStatus.FAILED);
        }
    }

    private void show(List<String> all, PrintStream out) {
        if (!terminal.movesCursor()) {
            if (!all.equals(last)) {
                terminal.print(Wording.time(clock.instant(), clock.getZone()));
                all.forEach(terminal::print);
                out.flush();
                last = all;
            }
            return;
        }
        StringBuilder screen = new StringBuilder(HOME);
        int room = terminal.height() - 2;
        List<String> lines = folded(all);
        lines.stream()
                .limit(lines.size() > room ? room - 1 : room)
                .forEach(line ->
                        screen.append(Secret.redact(line)).append(REST_OF_LINE).append("\r\n"));
        if (lines.size() > room) {
            screen.append("  … ")
                    .append(lines.size() - room + 1)
                    .append(" more lines")
                    .append(REST_OF_LINE)
                    .append("\r\n");
        }
        String foot = Wording.time(clock.instant(), clock.getZone()) + " · every " + DurationText.say(interval)
                + " · Ctrl-C ends it";
        screen.append(terminal.paint(Terminal.Colour.DIM, foot))
                .append(REST_OF_LINE)
                .append(REST_OF_SCREEN);
        write(out, screen.toString());
    }

    /** A line that is wider than the screen takes several, so that the end of a hint is seen, too. */
    private List<String> folded(List<String> lines) {
        List<String> folded = new ArrayList<>();
        for (String line : lines) {
            String left = line;
            while (!left.contains("\u001b") && LiveLines.columns(left) > terminal.width()) {
                String piece = LiveLines.cut(left, terminal.width());
                folded.add(piece);
                left = left.substring(piece.length());
            }
            folded.add(left);
        }
        return folded;
    }

    private static void write(PrintStream out, String text) {
        out.print(text);
        out.flush();
    }
}
