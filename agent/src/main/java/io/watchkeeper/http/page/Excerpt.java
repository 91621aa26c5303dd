package io.watchkeeper.http.page;

import java.util.List;
import java.util.Optional;

/** A few lines around the one that is meant. @param firstLine the number of the first line, from 1 */
public record Excerpt(int firstLine, int meantLine, List<String> lines) {

    private static final int AROUND = 2;
    private static final int LONGEST = 200;

    public Excerpt {
        lines = List.copyOf(lines);
    }

    /** Empty when the text has no such line. */
    public static Optional<Excerpt> around(String text, int line) {
        List<String> all = text.lines().toList();
        if (line < 1 || line > all.size()) {
            return Optional.empty();
        }
        int first = Math.max(1, line - AROUND);
        int last = Math.min(all.size(), line + AROUND);
        return Optional.of(new Excerpt(
                first,
                line,
                all.subList(first - 1, last).stream().map(Excerpt::cut).toList()));
    }

    private static String cut(String line) {
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + " …";
    }

    Html html() {
        Html rows = Html.EMPTY;
        for (int i = 0; i < lines.size(); i++) {
            int number = firstLine + i;
            rows = Html.of(
                    "{}<span class=\"line{}\"><span class=\"number\">{}</span>{}</span>\n",
                    rows,
                    number == meantLine ? " meant" : "",
                    number,
                    lines.get(i));
        }
        return Html.of("<pre class=\"source\" tabindex=\"0\">{}</pre>", rows);
    }
}
