package io.watchkeeper.toolkit.verify;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines of comma-separated values as RFC 4180 has them, with LF at the end. */
final class CsvLine {

    private CsvLine() {}

    static String of(List<String> values) {
        StringBuilder line = new StringBuilder();
        for (String value : values) {
            line.append(line.isEmpty() ? "" : ",").append(quoted(value));
        }
        return line.append('\n').toString();
    }

    private static String quoted(String value) {
        boolean plain =
                !value.isEmpty() && value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
    }

    /** The next line's values; null at the end. */
    static @Nullable List<String> read(Reader from) throws IOException {
        int c = from.read();
        if (c < 0) {
            return null;
        }
        List<String> values = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        for (; c >= 0; c = from.read()) {
            if (quoted) {
                if (c != '"') {
                    value.append((char) c);
                    continue;
                }
                c = from.read();
                if (c == '"') {
                    value.append('"');
                    continue;
                }
                quoted = false;
            } else if (c == '"') {
                quoted = true;
                continue;
            }
            if (c == ',' || c == '\n' || c < 0) {
                values.add(value.toString());
                value.setLength(0);
                if (c != ',') {
                    return values;
                }
            } else {
                value.append((char) c);
            }
        }
        values.add(value.toString());
        return values;
    }
}
