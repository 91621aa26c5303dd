package io.watchkeeper.http.page;

import org.jspecify.annotations.Nullable;

/**
 * How a table is put in order, as it stands in its address: the same address under {@code /v1} has the same rows as JSON.
 *
 * @param path of the page, for example {@code /backups}
 * @param column that it is sorted by; empty for the usual order
 * @param descending whether the greatest stands first
 * @param filter words that every row shown holds; empty for all rows
 */
public record Sorting(String path, String column, boolean descending, String filter) {

    /** As the page comes without any wish. */
    public static Sorting usual(String path) {
        return new Sorting(path, "", false, "");
    }

    /** The heading of a column, a link that sorts by it, and by it the other way round after that. */
    Html head(String key, String label) {
        return head(key, label, "");
    }

    /** @param kind of the cells, as the style sheet names it */
    Html head(String key, String label, String kind) {
        boolean here = column.equals(key);
        return Html.of(
                "<th scope=\"col\"{}{}><a class=\"sort\" id=\"sort-{}-{}\" href=\"{}\">{}{}</a></th>",
                kind.isEmpty() ? Html.EMPTY : Html.of(" class=\"{}\"", kind),
                here ? Html.of(" aria-sort=\"{}\"", descending ? "descending" : "ascending") : Html.EMPTY,
                path.substring(1),
                key,
                address(path, (here && !descending ? "-" : "") + key),
                label,
                Html.of("<span aria-hidden=\"true\"> {}</span>", descending ? "▼" : "▲")
                        .when(here));
    }

    /** The same rows as JSON. */
    Html json() {
        return address("/v1" + path, column.isEmpty() ? null : (descending ? "-" : "") + column);
    }

    private Html address(String to, @Nullable String sort) {
        return Html.of(
                "{}{}{}{}",
                to,
                sort == null && filter.isEmpty() ? "" : "?",
                sort == null ? Html.EMPTY : Html.of("sort={}", Html.url(sort)),
                filter.isEmpty()
                        ? Html.EMPTY
                        : Html.of("{}filter={}", Html.of("&amp;").when(sort != null), Html.url(filter)));
    }

    /** What the form that filters has to keep. */
    Html kept() {
        return column.isEmpty()
                ? Html.EMPTY
                : Html.of("<input type=\"hidden\" name=\"sort\" value=\"{}{}\">", descending ? "-" : "", column);
    }
}
