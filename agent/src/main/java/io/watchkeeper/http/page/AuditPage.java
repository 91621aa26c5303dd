package io.watchkeeper.http.page;

import io.watchkeeper.audit.AuditEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Searches the audit trail: who did what, to what, when. Works without the script; each search has an address of its own. */
public final class AuditPage {

    private AuditPage() {}

    /**
     * @param found newest first
     * @param asked the search, by parameter as {@code /v1/audit} has them
     * @param more whether there may be older ones
     */
    public static String render(AgentView agent, Saying say, AuditView found, Map<String, String> asked, boolean more) {
        Words words = say.words();
        Html main = Html.of(
                """
                <div class="headline plain"><div><h1>{}</h1><p>{}</p></div></div>
                <form class="search" method="get" action="/audit" role="search">
                {}{}{}{}{}
                <button type="submit" class="primary">{}</button> <a class="button quiet" id="json" href="/v1/audit{}">JSON</a></form>
                <div id="list" data-live>{}</div>
                {}
                """,
                words.say("audit.title"),
                AuditSection.standing(found, say),
                field("actor", "text", words.say("audit.who"), asked),
                field("action", "text", words.say("audit.what"), asked),
                field("subject", "text", words.say("audit.subject"), asked),
                field("since", "date", words.say("audit.since"), asked),
                field("until", "date", words.say("audit.until"), asked),
                words.say("audit.search"),
                address(asked),
                found.newest().isEmpty()
                        ? Html.of(
                                "<p class=\"empty\">{}</p>",
                                words.say(asked.isEmpty() ? "audit.none" : "audit.nothing"))
                        : AuditSection.table(found.newest(), say),
                more ? older(found.newest(), asked, words) : Html.EMPTY);
        return new PageFrame(agent, say).page(words.say("audit.title"), "audit", false, main);
    }

    private static Html field(String name, String type, String label, Map<String, String> asked) {
        String value = asked.getOrDefault(name, "");
        // A moment that somebody gave in the address does not fit a field for days.
        String kind = type.equals("date") && value.length() > "2026-11-30".length() ? "text" : type;
        return Html.of(
                "<label>{} <input type=\"{}\" name=\"{}\" value=\"{}\" autocomplete=\"off\"></label>\n",
                label,
                kind,
                name,
                value);
    }

    private static Html older(List<AuditEntry> found, Map<String, String> asked, Words words) {
        Map<String, String> next = new LinkedHashMap<>(asked);
        next.put("before", String.valueOf(found.get(found.size() - 1).position()));
        return Html.of("<p class=\"more\"><a href=\"/audit{}\">{}</a></p>", address(next), words.say("audit.older"));
    }

    private static Html address(Map<String, String> asked) {
        List<Html> parts = new ArrayList<>();
        asked.forEach((name, value) -> parts.add(Html.of("{}={}", name, Html.url(value))));
        return parts.isEmpty() ? Html.EMPTY : Html.of("?{}", Html.join(Html.of("&amp;"), parts));
    }
}
