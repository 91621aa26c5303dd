package io.watchkeeper.http.page;

import io.watchkeeper.problem.Problem;
import io.watchkeeper.protection.Concern;
import io.watchkeeper.replicas.ReplicationConcern;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One card for each thing that needs somebody: what, since when, what the agent did already, what to do. */
final class ProblemCards {

    private final StatusView view;
    private final Saying say;
    private final Words words;

    ProblemCards(StatusView view, Saying say) {
        this.view = view;
        this.say = say;
        this.words = say.words();
    }

    Html html() {
        List<Html> cards = new ArrayList<>();
        view.notReady()
                .forEach(reason ->
                        cards.add(card("failed", "✖", words.say("card.notReady"), null, reason, null, Html.EMPTY)));
        view.failing().forEach(failing -> cards.add(failing(failing)));
        view.broken().forEach(broken -> cards.add(broken(broken)));
        view.concerns().forEach(concern -> cards.add(concern(concern)));
        view.replicationConcerns().forEach(concern -> cards.add(concern(concern)));
        view.warnings()
                .forEach(warning ->
                        cards.add(card("timedout", "▲", words.say("card.warning"), null, warning, null, Html.EMPTY)));
        if (view.runbooks().isEmpty()
                && view.broken().isEmpty()
                && view.notReady().isEmpty()) {
            cards.add(firstSteps());
        }
        return cards.isEmpty() ? Html.EMPTY : Html.of("<ul class=\"cards\">{}</ul>", cards);
    }

    private Html failing(StatusView.Failing failing) {
        RunOutcome run = failing.last();
        RunError error = run.error();
        Html title = Html.of(
                "<a href=\"/runbooks/{}\">{}</a> {}",
                Html.url(run.runbook()),
                run.runbook(),
                words.say(run.state() == RunState.TIMED_OUT ? "card.timedOut" : "card.failed"));
        Html since = failing.times() == 1
                ? say.ago(failing.since())
                : Html.of(
                        "{}, {} {}",
                        words.say("card.times", words.number(failing.times())),
                        words.say("card.since"),
                        say.ago(failing.since()));
        Html what = failing.retrying() ? Html.of("<p class=\"did\">{}</p>", words.say("card.retrying")) : Html.EMPTY;
        Html actions = Html.of(
                "{}<p class=\"actions\"><a class=\"button\" href=\"/runs/{}\">{}</a> {}</p>",
                what,
                run.runId(),
                words.say("card.seeRun"),
                Actions.runAgain(run.runbook(), words).when(run.params().isEmpty() && !failing.retrying()));
        return card(
                "failed",
                run.state() == RunState.TIMED_OUT ? "▲" : "✖",
                title,
                since,
                error == null ? words.say("card.noReason") : error.message(),
                error == null ? null : error.hint(),
                actions);
    }

    private Html broken(StatusView.Broken broken) {
        Problem problem = broken.problem();
        String place = problem.file()
                + (problem.line() > 0 ? ":" + problem.line() : "")
                + (problem.line() > 0 && problem.column() > 0 ? ":" + problem.column() : "");
        Excerpt excerpt = broken.excerpt();
        Html more = Html.of(
                "{}<p class=\"did\">{}</p>",
                excerpt == null ? Html.EMPTY : excerpt.html(),
                words.say(broken.stillRuns() ? "card.stillRuns" : "card.notLoaded"));
        return card(
                "failed",
                "✖",
                Html.of("<span class=\"place\">{}</span>", place),
                null,
                problem.message(),
                problem.hint(),
                more);
    }

    private Html concern(Concern concern) {
        String key = "concern." + concern.kind().wireName();
        String database = concern.database();
        boolean whole = database.isEmpty();
        return card(
                concern.urgent() ? "failed" : "timedout",
                concern.urgent() ? "✖" : "▲",
                words.say("card.backups"),
                since(concern),
                words.say(whole ? key + ".all" : key, database, concern.detail()),
                null,
                Html.of(
                        "<p class=\"hint\"><b>HINT</b> {} {}</p>",
                        words.say("concern.hint." + concern.kind().wireName()),
                        Actions.command(concern.command(), words)));
    }

    /** Where the message does not say it. */
    private @Nullable Html since(Concern concern) {
        return concern.kind() == Concern.Kind.FAILED_DRILL
                ? view.protection()
                        .newestDrill(concern.database())
                        .map(drill -> say.ago(drill.at()))
                        .orElse(null)
                : null;
    }

    private Html concern(ReplicationConcern concern) {
        String kind = concern.kind().wireName();
        return card(
                concern.urgent() ? "failed" : "timedout",
                concern.urgent() ? "✖" : "▲",
                words.say("card.replication"),
                null,
                words.say("replica." + kind, concern.database(), concern.subject(), concern.detail()),
                null,
                Html.of(
                        "<p class=\"hint\"><b>HINT</b> {} {}</p>",
                        words.say("replica.hint." + kind),
                        Actions.command(concern.command(), words)));
    }

    private Html firstSteps() {
        String folder = view.agent().runbookFolder();
        Html configure = Html.of(
                        "<li>{} {}</li>",
                        words.say("first.configure"),
                        Actions.command("sudoedit /etc/watchkeeper/watchkeeper.yaml", words))
                .when(view.agent().configFile() == null);
        return Html.of(
                """
                <li class="card fresh"><h2>{}</h2>
                <ol class="steps-to-take">{}
                <li>{} {}</li>
                <li>{} {}</li>
                <li>{} {}</li></ol></li>
                """,
                words.say("first.title"),
                configure,
                words.say("first.write"),
                Actions.command("sudoedit " + folder + "/hello.groovy", words),
                words.say("first.validate"),
                Actions.command("sudo watchkeeper validate " + folder, words),
                words.say("first.demo"),
                Actions.command("watchkeeper demo", words));
    }

    private Html card(
            String kind,
            String shape,
            Object title,
            @Nullable Html since,
            String message,
            @Nullable String hint,
            Html more) {
        return Html.of(
                """
                <li class="card {}"><h2><span class="shape" aria-hidden="true">{}</span> {}{}</h2>
                <p class="message">{}</p>{}{}</li>
                """,
                kind,
                shape,
                title,
                since == null ? Html.EMPTY : Html.of(" <span class=\"since\">{}</span>", since),
                message,
                hint == null ? Html.EMPTY : Html.of("<p class=\"hint\"><b>HINT</b> {}</p>", hint),
                more);
    }
}
