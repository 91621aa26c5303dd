package io.watchkeeper.dsl;

import io.watchkeeper.problem.Problem;
import java.util.List;

/** Running code knows its line and not its column: completes problems with the column where the line's code begins. */
final class SourceColumns {

    private SourceColumns() {}

    static List<Problem> complete(String text, List<Problem> problems) {
        List<String> lines = text.lines().toList();
        return problems.stream()
                .map(p -> p.column() == 0 && p.line() > 0 && p.line() <= lines.size()
                        ? new Problem(p.file(), p.line(), column(lines.get(p.line() - 1)), p.message(), p.hint())
                        : p)
                .toList();
    }

    private static int column(String line) {
        int column = 1;
        while (column <= line.length() && Character.isWhitespace(line.charAt(column - 1))) {
            column++;
        }
        return column;
    }
}
