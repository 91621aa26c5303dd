package io.watchkeeper.http.page;

import io.watchkeeper.runbook.TableState;
import java.util.Comparator;
import java.util.List;

/** Table by table: when each was last the same as its source, and when that was last verified. */
public final class SyncTable {

    /** On a page that has other things to say, only those that were left alone longest. */
    private static final int IN_SHORT = 8;

    private final Saying say;
    private final Words words;

    private SyncTable(Saying say) {
        this.say = say;
        this.words = say.words();
    }

    public static Html of(List<TableState> tables, Sorting sorting, Saying say) {
        return tables.isEmpty()
                ? ListPage.nothing(sorting, say.words().say("sync.none"), say.words())
                : new SyncTable(say).table(tables, sorting);
    }

    /** The oldest ones, with the way to all of them. */
    static Html inShort(List<TableState> tables, Saying say) {
        List<TableState> oldest = tables.stream()
                .sorted(Comparator.comparing(TableState::syncedAt, Comparator.nullsLast(Comparator.naturalOrder())))
                .limit(IN_SHORT)
                .toList();
        return Html.of(
                "{}{}",
                of(oldest, Sorting.usual("/sync"), say),
                Html.of(
                                "<p class=\"more\"><a href=\"/sync\">{}</a></p>",
                                say.words().say("sync.all", tables.size()))
                        .when(tables.size() > IN_SHORT));
    }

    private Html table(List<TableState> tables, Sorting sorting) {
        return Html.of(
                """
                <table class="stacked">
                <thead><tr>{}{}{}{}</tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                sorting.head("table", words.say("sync.table")),
                sorting.head("syncedAt", words.say("sync.synced")),
                sorting.head("verifiedAt", words.say("sync.verified")),
                sorting.head("differences", words.say("sync.differences")),
                tables.stream().map(this::row).toList());
    }

    private Html row(TableState table) {
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}</span></th>
                <td data-label="{}">{}</td><td data-label="{}">{}</td><td data-label="{}">{}</td></tr>
                """,
                table.table(),
                table.source() == null ? table.database() : table.source() + " → " + table.database(),
                words.say("sync.synced"),
                table.syncedAt() == null ? never() : say.ago(table.syncedAt()),
                words.say("sync.verified"),
                table.verifiedAt() == null ? never() : say.ago(table.verifiedAt()),
                words.say("sync.differences"),
                differences(table));
    }

    private Html never() {
        return Html.of("<span class=\"never\">{}</span>", words.say("sync.never"));
    }

    private Html differences(TableState table) {
        Long differences = table.differences();
        if (differences == null) {
            return Html.of("<span class=\"never\">–</span>");
        }
        return differences == 0
                ? say.mark("succeeded", "✓", words.say("sync.same"))
                : say.mark("failed", "✖", words.count("sync.rows", differences));
    }
}
