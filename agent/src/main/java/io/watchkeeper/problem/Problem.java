package io.watchkeeper.problem;

import org.jspecify.annotations.Nullable;

/**
 * Something wrong in a file the operator wrote: where, what is true, and what to do.
 *
 * @param file the path as the operator gave it
 * @param line from 1; 0 when the whole file is meant
 * @param column from 1; 0 when the whole line is meant
 * @param message one line in plain words with names and values
 * @param hint what to do; null when the message already says it
 */
public record Problem(
        String file,
        int line,
        int column,
        String message,
        @Nullable String hint) implements Comparable<Problem> {

    public static Problem of(String file, String message, @Nullable String hint) {
        return new Problem(file, 0, 0, message, hint);
    }

    /** {@code file:line:column: message}, and the hint on a line of its own. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line);
            if (column > 0) {
                text.append(':').append(column);
            }
        }
        text.append(": ").append(message);
        if (hint != null) {
            text.append("\n    HINT: ").append(hint);
        }
        return text.toString();
    }

    @Override
    public int compareTo(Problem other) {
        int byFile = file.compareTo(other.file);
        int byLine = Integer.compare(line, other.line);
        return byFile != 0 ? byFile : byLine != 0 ? byLine : Integer.compare(column, other.column);
    }
}
