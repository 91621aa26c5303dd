package io.watchkeeper.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Rows under headings, without lines around them, as wide as the terminal at most. What does not fit there is left out or cut, in the
 * order that the columns say; in a pipe everything stands. Colours take no room, and a Korean letter takes two columns.
 */
final class Table {

    private static final String GAP = "  ";

    private Table() {}

    /**
     * A column.
     *
     * @param right whether its values stand at its right end, as numbers do
     * @param narrowest how far it may be cut on a narrow terminal; {@link Integer#MAX_VALUE} for not at all
     * @param droppedAs where a terminal is narrower still, columns go by this, the highest first; 0 for those that stay
     */
    record Col<T>(String heading, boolean right, int narrowest, int droppedAs, Function<T, String> value) {}

    static <T> Col<T> column(String heading, Function<T, String> value) {
        return new Col<>(heading, false, Integer.MAX_VALUE, 0, value);
    }

    /** A column of numbers. */
    static <T> Col<T> right(String heading, Function<T, String> value) {
        return new Col<>(heading, true, Integer.MAX_VALUE, 0, value);
    }

    /** A column of words that may be cut on a narrow terminal, to so many columns. */
    static <T> Col<T> flexible(String heading, int narrowest, Function<T, String> value) {
        return new Col<>(heading, false, narrowest, 0, value);
    }

    /** A column that is left out on a narrow terminal: the one with the highest number first. */
    static <T> Col<T> spare(String heading, int droppedAs, int narrowest, Function<T, String> value) {
        return new Col<>(heading, false, narrowest, droppedAs, value);
    }

    /** A column of numbers that is left out on a narrow terminal. */
    static <T> Col<T> spareRight(String heading, int droppedAs, Function<T, String> value) {
        return new Col<>(heading, true, Integer.MAX_VALUE, droppedAs, value);
    }

    /** The lines of a table, without the last line's end. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    static <T> String of(Terminal terminal, List<T> rows, Col<T>... columns) {
        return new Layout<>(List.of(columns), rows).text(terminal.isInteractive() ? terminal.width() : 0);
    }

    /** The columns of one table with their values and, once they are fitted, their widths. */
    private static final class Layout<T> {

        private final List<Col<T>> columns;
        private final List<List<String>> values;
        private final int[] widths;
        private final boolean[] gone;

        Layout(List<Col<T>> columns, List<T> rows) {
            this.columns = columns;
            this.values = columns.stream()
                    .map(column -> rows.stream()
                            .map(row -> column.value().apply(row).replace('\n', ' '))
                            .toList())
                    .toList();
            this.widths = new int[columns.size()];
            this.gone = new boolean[columns.size()];
            for (int i = 0; i < widths.length; i++) {
                int widest = values.get(i).stream()
                        .mapToInt(LiveLines::visibleColumns)
                        .max()
                        .orElse(0);
                widths[i] = Math.max(LiveLines.columns(columns.get(i).heading()), widest);
            }
        }

        /** @param room the terminal's columns; 0 for no limit */
        String text(int room) {
            if (room > 0) {
                drop(room);
                cut(room);
            }
            List<String> lines = new ArrayList<>();
            lines.add(line(i -> columns.get(i).heading()));
            for (int row = 0; row < values.get(0).size(); row++) {
                int at = row;
                lines.add(line(i -> values.get(i).get(at)));
            }
            return String.join("\n", lines);
        }

        private void drop(int room) {
            while (total(true) > room) {
                int next = -1;
                for (int i = 0; i < widths.length; i++) {
                    int order = columns.get(i).droppedAs();
                    if (!gone[i] && order > (next < 0 ? 0 : columns.get(next).droppedAs())) {
                        next = i;
                    }
                }
                if (next < 0) {
                    return;
                }
                gone[next] = true;
            }
        }

        /** Takes what is too much from the widest, again and again. */
        private void cut(int room) {
            while (total(false) > room) {
                int widest = -1;
                for (int i = 0; i < widths.length; i++) {
                    boolean gives = !gone[i] && widths[i] > columns.get(i).narrowest();
                    if (gives && (widest < 0 || widths[i] > widths[widest])) {
                        widest = i;
                    }
                }
                if (widest < 0) {
                    return;
                }
                widths[widest]--;
            }
        }

        private int total(boolean atTheirNarrowest) {
            int total = 0;
            for (int i = 0; i < widths.length; i++) {
                int width =
                        atTheirNarrowest ? Math.min(widths[i], columns.get(i).narrowest()) : widths[i];
                total += gone[i] ? 0 : width + GAP.length();
            }
            return total;
        }

        private String line(Function<Integer, String> cell) {
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < widths.length; i++) {
                if (!gone[i]) {
                    cells.add(fitted(cell.apply(i), widths[i], columns.get(i).right()));
                }
            }
            return cells.stream().collect(Collectors.joining(GAP, " ", "")).stripTrailing();
        }

        private static String fitted(String value, int width, boolean right) {
            String cut = LiveLines.shortened(value, width);
            String room = " ".repeat(Math.max(0, width - LiveLines.visibleColumns(cut)));
            return right ? room + cut : cut + room;
        }
    }
}
