package io.watchkeeper.cli;

import io.watchkeeper.units.Secret;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
    private static final int DEFAULT_HEIGHT = 24;
    private static final int LOWEST = 5;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final boolean dumb;
    private final boolean usuallyColoured;
    private final int width;
    private final int height;
    private boolean coloured;

    /**
     * @param environment NO_COLOR and TERM=dumb switch colour off, COLUMNS and LINES give the size; WATCHKEEPER_TERMINAL (1 or 0, set by
     *     the launcher) says whether standard output is a terminal
     */
    Terminal(PrintStream out, PrintStream err, Map<String, String> environment) {
        this.out = out;
        this.err = err;
        this.interactive = "1".equals(environment.get("WATCHKEEPER_TERMINAL"));
        this.dumb = "dumb".equals(environment.get("TERM"));
        this.usuallyColoured =
                interactive && environment.getOrDefault("NO_COLOR", "").isEmpty() && !dumb;
        this.coloured = usuallyColoured;
        this.width = Math.max(NARROWEST, number(environment.get("COLUMNS"), DEFAULT_WIDTH));
        this.height = Math.max(LOWEST, number(environment.get("LINES"), DEFAULT_HEIGHT));
    }

    /** What {@code --color} says: it has the last word, also over NO_COLOR and a pipe. */
    enum ColourMode {
        auto,
        always,
        never
    }

    void colour(ColourMode mode) {
        coloured = mode == ColourMode.always || (mode == ColourMode.auto && usuallyColoured);
    }

    /** The lines that are seen at once. */
    int height() {
        return height;
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

    /**
     * Prints a sentence behind a mark or a label. On a terminal it goes on below itself where a line is full; elsewhere, and where a
     * word would be cut, the line stays whole.
     *
     * @param label what stands in front, painted or not
     */
    void prose(String label, String text) {
        wrapped(label, text).forEach(this::print);
    }

    /** As {@link #prose}, in lines. */
    List<String> wrapped(String label, String text) {
        int indent = LiveLines.visibleColumns(label);
        int room = width - indent;
        if (!interactive || room < NARROWEST / 2 || LiveLines.columns(text) <= room) {
            return List.of(label + text);
        }
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (!line.isEmpty() && LiveLines.columns(line + " " + word) > room) {
                lines.add((lines.isEmpty() ? label : " ".repeat(indent)) + line);
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add((lines.isEmpty() ? label : " ".repeat(indent)) + line);
        return lines;
    }

    private static int number(@Nullable String text, int otherwise) {
        return text != null && text.strip().matches("\\d{1,4}") ? Integer.parseInt(text.strip()) : otherwise;
    }
}
