package io.watchkeeper.cli;

import io.watchkeeper.units.Secret;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/** Where a command writes: plain lines into a pipe; colour and live progress on a terminal. Colour is never the only signal. */
final class Terminal {

    enum Colour {
        GREEN(32),
        RED(31),
        AMBER(33),
        DIM(2),
        BOLD(1);

        private final int code;

        Colour(int code) {
            this.code = code;
        }
    }

    private static final int DEFAULT_WIDTH = 100;
    private static final int NARROWEST = 60;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final boolean dumb;
    private final boolean coloured;
    private final int width;

    /**
     * @param environment NO_COLOR and TERM=dumb switch colour off, COLUMNS gives the width; WATCHKEEPER_TERMINAL (1 or 0, set by
     *     the launcher) says whether standard output is a terminal
     */
    Terminal(PrintStream out, PrintStream err, Map<String, String> environment) {
        this.out = out;
        this.err = err;
        this.interactive = "1".equals(environment.get("WATCHKEEPER_TERMINAL"));
        this.dumb = "dumb".equals(environment.get("TERM"));
        this.coloured = interactive && environment.getOrDefault("NO_COLOR", "").isEmpty() && !dumb;
        this.width = widthFrom(environment.get("COLUMNS"));
    }

    boolean isInteractive() {
        return interactive;
    }

    int width() {
        return width;
    }

    void print(String line) {
        out.println(Secret.redact(line));
    }

    void error(String line) {
        err.println(Secret.redact(line));
    }

    /** Whether lines can be drawn again in their place. */
    boolean movesCursor() {
        return interactive && !dumb;
    }

    /** Standard output itself, for drawing. */
    PrintStream out() {
        return out;
    }

    String paint(Colour colour, String text) {
        return coloured ? "\u001b[" + colour.code + "m" + text + "\u001b[0m" : text;
    }

    /** The mark of a run state: shape and colour both say it. */
    String mark(String state) {
        return switch (state) {
            case "succeeded" -> paint(Colour.GREEN, "✓");
            case "failed" -> paint(Colour.RED, "✖");
            case "timedOut" -> paint(Colour.RED, "⧖");
            case "cancelled" -> paint(Colour.AMBER, "■");
            case "skipped" -> paint(Colour.DIM, "–");
            default -> "●";
        };
    }

    private static int widthFrom(@org.jspecify.annotations.Nullable String columns) {
        if (columns == null || !columns.strip().toLowerCase(Locale.ROOT).matches("\\d{1,4}")) {
            return DEFAULT_WIDTH;
        }
        return Math.max(NARROWEST, Integer.parseInt(columns.strip()));
    }
}
