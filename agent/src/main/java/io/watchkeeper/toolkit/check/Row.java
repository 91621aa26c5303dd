package io.watchkeeper.toolkit.check;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One row of an answer: column to value, as {@link io.watchkeeper.postgres.Session#query} reads them. */
record Row(Map<String, @Nullable Object> columns) {

    boolean has(String column) {
        return columns.get(column) != null;
    }

    /** 0 where there is no value. */
    long whole(String column) {
        return columns.get(column) instanceof Number number ? number.longValue() : 0;
    }

    /** 0 where there is no value. */
    double real(String column) {
        return columns.get(column) instanceof Number number ? number.doubleValue() : 0;
    }

    /** Empty where there is no value. */
    String text(String column) {
        Object value = columns.get(column);
        return value == null ? "" : value.toString();
    }

    /** False where there is no value. */
    boolean is(String column) {
        return Boolean.TRUE.equals(columns.get(column));
    }

    /** Of a column in seconds. */
    Duration seconds(String column) {
        return Duration.ofMillis(Math.round(real(column) * 1000));
    }

    List<?> list(String column) {
        return columns.get(column) instanceof List<?> list ? list : List.of();
    }

    /** As evidence: these columns in this order, without those that have no value. */
    Map<String, Object> only(String... names) {
        Map<String, Object> shown = new LinkedHashMap<>();
        for (String name : names) {
            Object value = columns.get(name);
            if (value != null) {
                shown.put(name, value);
            }
        }
        return shown;
    }

    /** As {@link #only}, with one value more. */
    static Map<String, Object> with(Map<String, Object> shown, String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(shown);
        more.put(name, Objects.requireNonNull(value));
        return more;
    }
}
