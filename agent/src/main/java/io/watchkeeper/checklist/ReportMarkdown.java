package io.watchkeeper.checklist;

import io.watchkeeper.units.DurationText;
import java.util.List;
import java.util.stream.Collectors;

/** The same report as Markdown, which reads as it stands: in a mail, on a terminal, in a ticket. */
final class ReportMarkdown {

    private final ChecklistReport report;
    private final ReportWords words;
    private final StringBuilder text = new StringBuilder();

    private ReportMarkdown(ChecklistReport report, ReportWords words) {
        this.report = report;
        this.words = words;
    }

    static String of(ChecklistReport report, ReportWords words) {
        return new ReportMarkdown(report, words).text();
    }

    private String text() {
        text.append("# ").append(words.title(report)).append("\n\n**");
        text.append(report.state().shape())
                .append(' ')
                .append(plain(words.verdict(report)))
                .append("**\n\n");
        text.append(plain(words.about(report))).append("\n");
        needs("now.title", report.now(), ItemState.FAIL);
        needs("later.title", report.later(), ItemState.WARN);
        if (!report.done().isEmpty()) {
            heading("done.title");
            report.done()
                    .forEach(look -> text.append("- ")
                            .append(plain(ReportPage.inDatabase(look)))
                            .append('\n'));
        }
        items();
        trends();
        return text.toString();
    }

    private void heading(String key) {
        text.append("\n## ").append(words.say(key)).append("\n\n");
    }

    private void needs(String title, List<Need> needs, ItemState state) {
        if (needs.isEmpty()) {
            return;
        }
        heading(title);
        int number = 0;
        for (Need need : needs) {
            text.append(++number)
                    .append(". ")
                    .append(state.shape())
                    .append(' ')
                    .append(plain(need.message()))
                    .append(" (")
                    .append(plain(need.item()))
                    .append(")\n");
            if (!need.remedy().isEmpty()) {
                text.append("\n   ```\n");
                need.remedy()
                        .lines()
                        .forEach(line -> text.append("   ").append(line).append('\n'));
                text.append("   ```\n");
            }
        }
    }

    private void items() {
        heading("items.title");
        text.append("| ")
                .append(words.say("items.item"))
                .append(" | ")
                .append(words.say("items.state"))
                .append(" | ")
                .append(words.say("items.seen"))
                .append(" | ")
                .append(words.say("items.took"))
                .append(" |\n| --- | --- | --- | ---: |\n");
        for (Item item : report.items()) {
            String seen = java.util.stream.Stream.concat(
                            item.looks().stream().map(ReportPage::inDatabase),
                            item.failures().stream().map(Need::message))
                    .map(ReportMarkdown::cell)
                    .collect(Collectors.joining("<br>"));
            text.append("| ")
                    .append(cell(item.name()))
                    .append(" | ")
                    .append(item.state().shape())
                    .append(' ')
                    .append(words.state(item.state()))
                    .append(" | ")
                    .append(seen)
                    .append(" | ")
                    .append(item.state() == ItemState.LEFT_OUT ? "" : DurationText.say(item.took()))
                    .append(" |\n");
        }
    }

    private void trends() {
        heading("trends.title");
        if (report.trends().isEmpty()) {
            text.append(words.say("trends.none")).append('\n');
            return;
        }
        text.append("| ")
                .append(words.say("trends.figure"))
                .append(" | ")
                .append(words.say("trends.from"))
                .append(" | ")
                .append(words.say("trends.to"))
                .append(" | ")
                .append(words.say("trends.change"))
                .append(" |\n| --- | ---: | ---: | ---: |\n");
        for (Trend trend : report.trends()) {
            text.append("| ")
                    .append(cell(words.figure(trend)))
                    .append(" (")
                    .append(cell(trend.database()))
                    .append(") | ")
                    .append(ReportWords.value(trend.metric(), trend.first()))
                    .append(" | ")
                    .append(ReportWords.value(trend.metric(), trend.last()))
                    .append(" | ")
                    .append(words.change(trend))
                    .append(" |\n");
        }
    }

    private static String plain(String value) {
        return value.replaceAll("\\s+", " ").replace("<", "&lt;").replace("*", "\\*");
    }

    private static String cell(String value) {
        return plain(value).replace("|", "\\|");
    }
}
