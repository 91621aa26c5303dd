package io.watchkeeper.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A statement as it may be shown and kept: without the values in it, which belong to whoever wrote them, on one line, and not longer than needed. */
public final class StatementText {

    private static final int MOST_CHARACTERS = 200;

    /** No more than this is looked at: with all values out it is long enough, and patterns need their stack. */
    static final int MOST_READ = 2_000;

    /**
     * Comments, texts and numbers, matched without going back, which long ones have no stack for. The server cuts statements off, so the last
     * of them may have no end. Names in double quotes are matched to be
     * left alone, with whatever is in them.
     */
    private static final Pattern PARTS = Pattern.compile(
            "(?<name>\"(?:[^\"]++|\"\")*+(?:\"|$))"
                    + "|(?<comment>--[^\\n]*|/\\*.*?(?:\\*/|$))"
                    + "|(?<text>\\b[eE]'(?:[^'\\\\]++|''|\\\\.)*+(?:'|$)|(?:\\b[bBxXnN]|\\b[uU]&)?'(?:[^']++|'')*+(?:'|$)"
                    + "|\\$(?<tag>[A-Za-z_]\\w*|)\\$.*?(?:\\$\\k<tag>\\$|$))"
                    + "|(?<number>(?<![\\w$.])\\d[\\d_.]*(?:[eE][+-]?\\d+)?\\b)",
            Pattern.DOTALL);

    private StatementText() {}

    /** The statement with {@code ?} for each value. */
    public static String of(String statement) {
        Matcher part = PARTS.matcher(statement.substring(0, Math.min(statement.length(), MOST_READ)));
        StringBuilder clean = new StringBuilder();
        while (part.find()) {
            String shown = part.group("name") != null ? part.group("name") : part.group("comment") != null ? " " : "?";
            part.appendReplacement(clean, Matcher.quoteReplacement(shown));
        }
        part.appendTail(clean);
        String line = clean.toString().replaceAll("\\s+", " ").strip();
        return line.length() <= MOST_CHARACTERS ? line : line.substring(0, MOST_CHARACTERS - 1) + "…";
    }
}
