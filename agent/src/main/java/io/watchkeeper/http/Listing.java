package io.watchkeeper.http;

import io.javalin.http.Context;
import io.watchkeeper.http.page.Sorting;
import io.watchkeeper.problem.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Rows that can be sorted and filtered, in the same way for a page and for the API: {@code ?sort=-bytes&filter=shore}. What has no value in
 * the column stands last, whichever way it is sorted.
 */
final class Listing<T> {

    private final String path;
    private final Function<T, List<? extends @Nullable Object>> text;
    private final Map<String, Function<T, @Nullable Comparable<?>>> columns = new LinkedHashMap<>();

    /** @param path of the page. @param text what a filter is looked for in */
    Listing(String path, Function<T, List<? extends @Nullable Object>> text) {
        this.path = path;
        this.text = text;
    }

    /** Adds a column that can be sorted by. @param value of one kind for all rows; null where there is none */
    Listing<T> column(String name, Function<T, @Nullable Comparable<?>> value) {
        columns.put(name, value);
        return this;
    }

    /** @param others parameters that the address may have beside these */
    Sorting sorting(Context ctx, String... others) {
        List<String> known = new ArrayList<>(List.of("sort", "filter"));
        known.addAll(Arrays.asList(others));
        Query query = Query.of(ctx, known.toArray(String[]::new));
        String sort = query.text("sort").orElse("");
        boolean descending = sort.startsWith("-");
        String column = descending ? sort.substring(1) : sort;
        if (!column.isEmpty() && !columns.containsKey(column)) {
            throw ApiException.badRequest(
                    "there is no column '" + column + "' to sort by",
                    Suggestion.didYouMean(column, columns.keySet()) + "Columns: " + String.join(", ", columns.keySet())
                            + "; with a minus sign before it, the greatest is first.");
        }
        return new Sorting(path, column, descending, query.text("filter").orElse(""));
    }

    List<T> of(List<T> all, Sorting sorting) {
        String wanted = sorting.filter().strip().toLowerCase(Locale.ROOT);
        List<T> rows =
                new ArrayList<>(all.stream().filter(row -> holds(row, wanted)).toList());
        Function<T, @Nullable Comparable<?>> value = columns.get(sorting.column());
        if (value != null) {
            Comparator<Comparable<Object>> order =
                    sorting.descending() ? Comparator.reverseOrder() : Comparator.naturalOrder();
            rows.sort(Comparator.comparing(row -> comparable(value.apply(row)), Comparator.nullsLast(order)));
        }
        return rows;
    }

    /** The values of one column are of one kind, which the type of the map cannot say. */
    @SuppressWarnings({"unchecked", "NullAway"})
    private static Comparable<Object> comparable(@Nullable Comparable<?> value) {
        return (Comparable<Object>) value;
    }

    private boolean holds(T row, String wanted) {
        return wanted.isEmpty()
                || text.apply(row).stream()
                        .anyMatch(part -> part != null
                                && part.toString().toLowerCase(Locale.ROOT).contains(wanted));
    }
}
