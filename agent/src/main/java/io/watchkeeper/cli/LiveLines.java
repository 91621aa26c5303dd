package io.watchkeeper.cli;

import io.watchkeeper.units.Secret;
import java.io.PrintStream;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The last lines on a terminal, drawn over and over in the same place. Whoever prints something else erases them first. */
final class LiveLines {

    private static final String CLEAR = "\r\u001b[2K";
    private static final String UP = "\u001b[1A";
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");
    private static final String NO_COLOUR = "\u001b[0m";

    private final PrintStream out;
    private final int width;
    private int drawn;

    LiveLines(PrintStream out, int width) {
        this.out = out;
        this.width = width;
    }

    void draw(List<String> lines) {
        StringBuilder text = new StringBuilder(erasure());
        for (int i = 0; i < lines.size(); i++) {
            // A line that wraps would take two places, and the next drawing would begin in the wrong one.
            text.append(i == 0 ? "" : "\n").append(cut(Secret.redact(lines.get(i)), width - 1));
        }
        out.print(text);
        out.flush();
        drawn = lines.size();
    }

    void erase() {
        if (drawn > 0) {
            out.print(erasure());
            out.flush();
            drawn = 0;
        }
    }

    private String erasure() {
        return drawn == 0 ? "" : (CLEAR + UP).repeat(drawn - 1) + CLEAR;
    }

    /** As much as fits into so many columns; Chinese, Japanese and Korean take two each. */
    static String cut(String text, int columns) {
        int used = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            used += columns(point);
            if (used > columns) {
                return text.substring(0, i);
            }
            i += Character.charCount(point);
        }
        return text;
    }

    /** As {@link #cut}, with the escape sequences of colours, which take no room, and with … where something is left out. */
    static String shortened(String text, int columns) {
        if (visibleColumns(text) <= columns) {
            return text;
        }
        Matcher colours = COLOUR.matcher(text);
        if (!colours.find()) {
            return cut(text, columns - 1) + "…";
        }
        // Texts are painted as a whole: begin, text, end.
        boolean whole = colours.start() == 0 && text.endsWith(NO_COLOUR);
        String cut = cut(COLOUR.matcher(text).replaceAll(""), columns - 1) + "…";
        return whole ? colours.group() + cut + NO_COLOUR : cut;
    }

    /** How many columns a text takes that may be painted. */
    static int visibleColumns(String text) {
        return columns(COLOUR.matcher(text).replaceAll(""));
    }

    static int columns(String text) {
        return text.codePoints().map(LiveLines::columns).sum();
    }

    private static int columns(int point) {
        return Character.isIdeographic(point)
                        || (point >= 0x1100 && point <= 0x115F)
                        || (point >= 0x3040 && point <= 0xD7A3)
                        || (point >= 0xFF00 && point <= 0xFF60)
                ? 2
                : 1;
    }
}
