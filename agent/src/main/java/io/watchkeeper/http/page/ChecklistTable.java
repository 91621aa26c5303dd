package io.watchkeeper.http.page;

import io.watchkeeper.checklist.ItemState;
import io.watchkeeper.checklist.KeptReport;
import java.util.List;

/** What the last checklists came to: a sentence each, with the way to the report. */
public final class ChecklistTable {

    private final Saying say;
    private final Words words;

    private ChecklistTable(Saying say) {
        this.say = say;
        this.words = say.words();
    }

    public static Html of(List<KeptReport> reports, Sorting sorting, Saying say) {
        return new ChecklistTable(say).html(reports, sorting);
    }

    private Html html(List<KeptReport> reports, Sorting sorting) {
        if (reports.isEmpty()) {
            return sorting.filter().isEmpty()
                    ? Html.of(
                            "<p class=\"empty\">{} {}</p>",
                            words.say("checklists.none"),
                            Actions.command("watchkeeper run checklist-daily", words))
                    : ListPage.nothing(sorting, "", words);
        }
        return Html.of(
                """
                <table class="stacked">
                <thead><tr>{}{}{}<th scope="col">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                sorting.head("runbook", words.say("checklists.checklist")),
                sorting.head("status", words.say("checklists.verdict")),
                sorting.head("startedAt", words.say("checklists.when")),
                words.say("checklists.report"),
                reports.stream().map(this::row).toList());
    }

    private Html row(KeptReport report) {
        return Html.of(
                """
                <tr><th scope="row"><a href="/runbooks/{}">{}</a><span class="description">{}</span></th>
                <td data-label="{}">{} {}</td><td data-label="{}">{}</td>
                <td data-label="{}"><a href="/v1/runs/{}/report">{}</a></td></tr>
                """,
                Html.url(report.runbook()),
                report.runbook(),
                words.say("checklists." + report.kind().wireName()),
                words.say("checklists.verdict"),
                mark(report.state()),
                report.verdict(words.language()),
                words.say("checklists.when"),
                say.ago(report.startedAt()),
                words.say("checklists.report"),
                report.runId(),
                words.say("checklists.open"));
    }

    private Html mark(ItemState state) {
        String kind = switch (state) {
            case OK -> "succeeded";
            case LEFT_OUT -> "skipped";
            case WARN -> "timedout";
            case FAIL -> "failed";
        };
        return say.mark(kind, state.shape(), words.say("checklists.state." + state.wireName()));
    }
}
