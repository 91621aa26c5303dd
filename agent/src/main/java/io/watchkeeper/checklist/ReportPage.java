package io.watchkeeper.checklist;

import io.watchkeeper.units.DurationText;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A report as HTML: it needs nothing beside itself, is readable without a network and on paper, and folds what only experts ask for. */
final class ReportPage {

    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #1b1f24; --quiet: #57606a; --line: #d5d9de; --paper: #fff; --code: #f2f4f6;
              --ok: #17692c; --warn: #8a5300; --fail: #a11616; --stroke: #2b62a8; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --quiet: #9aa4ae; --line: #3a424b; --paper: #14181c;
              --code: #20262c; --ok: #57c274; --warn: #e0a53e; --fail: #ff7b72; --stroke: #79b0f2; } }
            body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: var(--ink);
              background: var(--paper); }
            h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
            .quiet { color: var(--quiet); } .ok { color: var(--ok); } .warn { color: var(--warn); } .fail { color: var(--fail); }
            .leftOut { color: var(--quiet); } .mark { font-weight: 600; white-space: nowrap; }
            pre { background: var(--code); padding: .5rem .7rem; overflow-x: auto; white-space: pre-wrap; margin: .3rem 0 1rem; }
            ol.needs > li { margin-bottom: .6rem; } .scroll { overflow-x: auto; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
            th { font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            details { margin-top: .3rem; } details table { font-size: .85rem; } summary { cursor: pointer; color: var(--quiet); }
            ul.seen { margin: 0; padding-left: 1.1rem; }
            svg { display: block; } polyline { fill: none; stroke: var(--stroke); stroke-width: 1.6; }
            @media print { details { display: none; } }
            """;

    private final ChecklistReport report;
    private final ReportWords words;
    private final StringBuilder page = new StringBuilder();

    private ReportPage(ChecklistReport report, ReportWords words) {
        this.report = report;
        this.words = words;
    }

    static String of(ChecklistReport report, ReportWords words) {
        return new ReportPage(report, words).text();
    }

    private String text() {
        String verdict = words.verdict(report);
        String title = words.title(report);
        page.append("<!DOCTYPE html>\n<html lang=\"")
                .append(words.language())
                .append("\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
                .append(escape(report.state().shape() + " " + title + ": " + verdict))
                .append("</title><style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<p class=\"quiet\">")
                .append(escape(title))
                .append("</p>\n<h1 class=\"")
                .append(report.state().wireName())
                .append("\">")
                .append(escape(report.state().shape() + " " + verdict))
                .append("</h1>\n<p class=\"quiet\">")
                .append(escape(words.about(report)))
                .append("</p>\n");
        needs("now.title", report.now(), "fail", ItemState.FAIL);
        needs("later.title", report.later(), "warn", ItemState.WARN);
        done();
        items();
        trends();
        return page.append("</body></html>\n").toString();
    }

    private void heading(String key) {
        page.append("<h2>").append(escape(words.say(key))).append("</h2>\n");
    }

    private void needs(String title, List<Need> needs, String kind, ItemState state) {
        if (needs.isEmpty()) {
            return;
        }
        heading(title);
        if (state == ItemState.FAIL) {
            page.append("<p class=\"quiet\">")
                    .append(escape(words.say("now.how")))
                    .append("</p>\n");
        }
        page.append("<ol class=\"needs\">\n");
        for (Need need : needs) {
            page.append("<li><span class=\"mark ")
                    .append(kind)
                    .append("\">")
                    .append(state.shape())
                    .append("</span> <b>")
                    .append(escape(need.message()))
                    .append("</b> <span class=\"quiet\">(")
                    .append(escape(need.item()))
                    .append(")</span>");
            if (!need.remedy().isEmpty()) {
                page.append("<pre>").append(escape(need.remedy())).append("</pre>");
            }
            page.append("</li>\n");
        }
        page.append("</ol>\n");
    }

    private void done() {
        List<Look> done = report.done();
        if (done.isEmpty()) {
            return;
        }
        heading("done.title");
        page.append("<ul>\n");
        done.forEach(
                look -> page.append("<li>").append(escape(inDatabase(look))).append("</li>\n"));
        page.append("</ul>\n");
    }

    private void items() {
        heading("items.title");
        page.append("<div class=\"scroll\"><table><thead><tr>");
        for (String column : List.of("items.item", "items.state", "items.seen")) {
            page.append("<th scope=\"col\">").append(escape(words.say(column))).append("</th>");
        }
        page.append("<th scope=\"col\" class=\"n\">")
                .append(escape(words.say("items.took")))
                .append("</th></tr></thead><tbody>\n");
        report.items().forEach(this::item);
        page.append("</tbody></table></div>\n");
    }

    private void item(Item item) {
        page.append("<tr><th scope=\"row\">")
                .append(escape(item.name()))
                .append("</th><td class=\"mark ")
                .append(item.state().wireName())
                .append("\">")
                .append(item.state().shape())
                .append(' ')
                .append(escape(words.state(item.state())))
                .append("</td><td>");
        if (!item.looks().isEmpty() || !item.failures().isEmpty()) {
            page.append("<ul class=\"seen\">");
            item.looks().forEach(this::look);
            item.failures()
                    .forEach(failure -> page.append("<li>")
                            .append(escape(failure.message()))
                            .append("</li>"));
            page.append("</ul>");
        }
        page.append("</td><td class=\"n\">")
                .append(item.state() == ItemState.LEFT_OUT ? "" : DurationText.say(item.took()))
                .append("</td></tr>\n");
    }

    private void look(Look look) {
        page.append("<li>").append(escape(inDatabase(look)));
        if (!look.evidence().isEmpty()) {
            page.append("<details><summary>")
                    .append(escape(words.say("evidence")))
                    .append("</summary><div class=\"scroll\">");
            evidence(look.evidence());
            page.append("</div></details>");
        }
        page.append("</li>");
    }

    private void evidence(List<Map<String, Object>> rows) {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> columns.addAll(row.keySet()));
        page.append("<table><thead><tr>");
        columns.forEach(column -> page.append("<th scope=\"col\">")
                .append(escape(ResultReading.words(column)))
                .append("</th>"));
        page.append("</tr></thead><tbody>");
        for (Map<String, Object> row : rows) {
            page.append("<tr>");
            for (String column : columns) {
                Object value = row.get(column);
                page.append(value instanceof Number ? "<td class=\"n\">" : "<td>")
                        .append(escape(ResultReading.plain(column, value)))
                        .append("</td>");
            }
            page.append("</tr>");
        }
        page.append("</tbody></table>");
    }

    private void trends() {
        heading("trends.title");
        if (report.trends().isEmpty()) {
            page.append("<p class=\"quiet\">")
                    .append(escape(words.say("trends.none")))
                    .append("</p>\n");
            return;
        }
        page.append("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">")
                .append(escape(words.say("trends.figure")))
                .append("</th><th scope=\"col\">")
                .append(escape(words.say(
                        "trends.course", ReportMaking.lookingBack(report.kind()).toDays())))
                .append("</th>");
        for (String column : List.of("trends.from", "trends.to", "trends.change")) {
            page.append("<th scope=\"col\" class=\"n\">")
                    .append(escape(words.say(column)))
                    .append("</th>");
        }
        page.append("</tr></thead><tbody>\n");
        for (Trend trend : report.trends()) {
            page.append("<tr><th scope=\"row\">")
                    .append(escape(words.figure(trend)))
                    .append(" <span class=\"quiet\">")
                    .append(escape(trend.database()))
                    .append("</span></th><td>")
                    .append(Sparkline.of(trend.samples()))
                    .append("</td>");
            number(ReportWords.value(trend.metric(), trend.first()));
            number(ReportWords.value(trend.metric(), trend.last()));
            number(words.change(trend));
            page.append("</tr>\n");
        }
        page.append("</tbody></table></div>\n");
    }

    private void number(String text) {
        page.append("<td class=\"n\">").append(escape(text)).append("</td>");
    }

    static String inDatabase(Look look) {
        return look.database().isEmpty() ? look.summary() : look.database() + ": " + look.summary();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
