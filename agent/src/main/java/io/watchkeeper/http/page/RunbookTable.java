package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;
import java.time.Instant;
import java.util.List;

/** The runbooks in force: when each runs, how it went last, and what can be done with it. */
public final class RunbookTable {

    private final Saying say;
    private final Words words;

    private RunbookTable(Saying say) {
        this.say = say;
        this.words = say.words();
    }

    /** @param folder that runbooks belong into, for a host that has none */
    public static Html of(List<StatusView.Row> rows, String folder, Sorting sorting, Saying say) {
        if (rows.isEmpty()) {
            return ListPage.nothing(sorting, say.words().say("runbooks.none", folder), say.words());
        }
        return new RunbookTable(say).table(rows, sorting);
    }

    private Html table(List<StatusView.Row> rows, Sorting sorting) {
        return Html.of(
                """
                <table class="runbooks">
                <thead><tr>{}{}{}{}<th scope="col" class="js"><span class="unseen">{}</span></th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                sorting.head("name", words.say("runbooks.name")),
                sorting.head("schedule", words.say("runbooks.schedule"), "wide"),
                sorting.head("lastRun", words.say("runbooks.last")),
                sorting.head("next", words.say("runbooks.next")),
                words.say("runbooks.actions"),
                rows.stream().map(this::row).toList());
    }

    private Html row(StatusView.Row row) {
        Runbook runbook = row.runbook();
        RunOutcome last = row.last();
        return Html.of(
                """
                <tr><th scope="row"><a href="/runbooks/{}">{}</a><span class="description">{}</span></th>
                <td class="wide">{}</td>
                <td>{}</td>
                <td>{}</td>
                <td class="js act">{}</td></tr>
                """,
                Html.url(runbook.name()),
                runbook.name(),
                runbook.description(),
                row.scheduleWords().isEmpty() ? words.say("runbooks.onDemand") : row.scheduleWords(),
                last == null
                        ? Html.of("<span class=\"never\">{}</span>", words.say("runbooks.never"))
                        : Html.of(
                                "<a class=\"plain\" href=\"/runs/{}\">{}</a><span class=\"age\">{}</span>",
                                last.runId(),
                                say.state(last.state()),
                                say.ago(last.startedAt())),
                nextRun(row),
                Actions.runAndPause(runbook, row.paused(), words));
    }

    private Html nextRun(StatusView.Row row) {
        if (row.paused()) {
            return say.mark("paused", "‖", words.say("runbooks.paused"));
        }
        Instant next = row.next();
        return next == null ? Html.of("<span class=\"never\">–</span>") : say.in(next);
    }
}
