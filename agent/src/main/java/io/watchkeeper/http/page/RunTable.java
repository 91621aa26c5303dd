package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTrigger;
import java.util.List;

/** Runs as a table, newest first. */
final class RunTable {

    private RunTable() {}

    static Html of(List<RunOutcome> runs, Saying say, boolean withRunbook) {
        Words words = say.words();
        Html rows =
                Html.all(runs.stream().map(run -> row(run, say, withRunbook)).toList());
        return Html.of(
                """
                <table class="runs">
                <thead><tr><th scope="col">{}</th>{}<th scope="col">{}</th><th scope="col" class="num">{}</th>\
                <th scope="col" class="wide">{}</th><th scope="col" class="wide">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                words.say("runs.state"),
                Html.of("<th scope=\"col\">{}</th>", words.say("runs.runbook")).when(withRunbook),
                words.say("runs.started"),
                words.say("runs.took"),
                words.say("runs.trigger"),
                words.say("runs.note"),
                rows);
    }

    private static Html row(RunOutcome run, Saying say, boolean withRunbook) {
        RunError error = run.error();
        return Html.of(
                """
                <tr><td><a class="plain" href="/runs/{}">{}</a>{}</td>{}<td>{}</td><td class="num">{}</td>\
                <td class="wide">{}</td><td class="wide note">{}</td></tr>
                """,
                run.runId(),
                say.state(run.state()),
                Html.of(" <span class=\"badge\">{}</span>", say.words().say("run.dry"))
                        .when(run.dryRun()),
                Html.of("<th scope=\"row\"><a href=\"/runs/{}\">{}</a></th>", run.runId(), run.runbook())
                        .when(withRunbook),
                say.ago(run.startedAt()),
                say.duration(run.duration()),
                trigger(run.trigger(), say.words()),
                error == null ? "" : error.message());
    }

    static String trigger(RunTrigger trigger, Words words) {
        return words.say("trigger." + trigger.name());
    }
}
