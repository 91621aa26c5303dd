package io.watchkeeper.postgres;

import java.math.BigDecimal;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns rows into what a runbook and a JSON document can both hold. */
final class RowValues {

    private RowValues() {}

    /** Column label to value; of two columns with one label the second gets a number after it. */
    static Map<String, @Nullable Object> read(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            String label = columns.getColumnLabel(i);
            for (int n = 2; values.containsKey(label); n++) {
                label = columns.getColumnLabel(i) + "_" + n;
            }
            values.put(label, value(row, i, columns.getColumnTypeName(i)));
        }
        return values;
    }

    private static @Nullable Object value(ResultSet row, int column, String type) throws SQLException {
        if (type.startsWith("_")) {
            return array(row.getArray(column));
        }
        String text = row.getString(column);
        if (text == null) {
            return null;
        }
        return switch (type) {
            case "bool" -> row.getBoolean(column);
            case "int2", "int4" -> row.getInt(column);
            case "int8", "oid" -> row.getLong(column);
            case "float4", "float8" -> {
                double number = row.getDouble(column);
                yield Double.isFinite(number) ? (Object) number : text;
            }
            case "numeric" -> Character.isLetter(text.charAt(text.length() - 1)) ? text : (Object) new BigDecimal(text);
            case "timestamp", "timestamptz" -> isoInstant(text);
            default -> text;
        };
    }

    private static @Nullable Object array(@Nullable Array array) throws SQLException {
        if (array == null) {
            return null;
        }
        Object elements = array.getArray();
        return elements instanceof Object[] objects ? list(objects) : array.toString();
    }

    private static List<@Nullable Object> list(@Nullable Object[] elements) {
        List<@Nullable Object> list = new ArrayList<>(elements.length);
        for (Object element : elements) {
            list.add(
                    element == null || element instanceof Number || element instanceof Boolean
                            ? element
                            : element instanceof Object[] nested ? list(nested) : element.toString());
        }
        return list;
    }

    /** PostgreSQL writes {@code 2026-01-31 10:00:00+09}, documents say {@code 2026-01-31T10:00:00+09:00}. */
    private static String isoInstant(String text) {
        if (text.length() < 19
                || text.charAt(10) != ' '
                || text.toUpperCase(Locale.ROOT).endsWith("BC")) {
            return text;
        }
        String iso = text.substring(0, 10) + "T" + text.substring(11);
        return iso.matches(".*[+-]\\d\\d") ? iso + ":00" : iso;
    }
}
