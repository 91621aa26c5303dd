package io.watchkeeper.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.List;
import java.util.function.Function;

/** Rows under headings, without lines around them. */
final class Table {

    private Table() {}

    @SafeVarargs
    @SuppressWarnings("varargs")
    static <T> String of(List<T> rows, ColumnData<T>... columns) {
        String text = AsciiTable.getTable(AsciiTable.NO_BORDERS, rows, List.of(columns));
        return String.join("\n", text.lines().map(String::stripTrailing).toList());
    }

    static <T> ColumnData<T> column(String heading, Function<T, String> value) {
        return column(heading, HorizontalAlign.LEFT, value);
    }

    static <T> ColumnData<T> column(String heading, HorizontalAlign align, Function<T, String> value) {
        return new Column()
                .header(heading)
                .headerAlign(align)
                .dataAlign(align)
                .maxWidth(200)
                .with(value);
    }
}
