package io.watchkeeper.http.page;

/** A page that is one table: what it holds is filtered by words, sorted by any column, and had as JSON. Works without the script. */
public final class ListPage {

    private ListPage() {}

    /**
     * @param title a key of the bundle
     * @param here the navigation entry to mark; empty for none
     * @param table the table, or what is said instead of it
     */
    public static String render(AgentView agent, Saying say, String title, String here, Sorting sorting, Html table) {
        Words words = say.words();
        Html main = Html.of(
                """
                <div class="headline plain"><div><h1>{}</h1></div></div>
                <form class="search" method="get" action="{}" role="search" data-list>{}
                <label>{} <input type="search" name="filter" value="{}"></label>
                <button type="submit">{}</button> <a class="button quiet" id="json" href="{}">JSON</a></form>
                <div id="list" data-live>{}</div>
                """,
                words.say(title),
                sorting.path(),
                sorting.kept(),
                words.say("list.filter"),
                sorting.filter(),
                words.say("list.show"),
                sorting.json(),
                table);
        return new PageFrame(agent, say).page(words.say(title), here, false, main);
    }

    /** What stands where there are no rows. */
    static Html nothing(Sorting sorting, String otherwise, Words words) {
        return Html.of(
                "<p class=\"empty\">{}</p>",
                sorting.filter().isEmpty() ? otherwise : words.say("list.nothing", sorting.filter()));
    }
}
