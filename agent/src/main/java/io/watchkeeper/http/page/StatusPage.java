package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;
import java.time.Instant;
import java.util.List;

/** The first page: is anything wrong, what runs, what comes next, what there is. */
public final class StatusPage {

    private static final int FILTER_FROM = 9;

    private final StatusView view;
    private final Saying say;
    private final Words words;

    private StatusPage(StatusView view, Saying say) {
        this.view = view;
        this.say = say;
        this.words = say.words();
    }

    public static String render(StatusView view, Saying say) {
        return new StatusPage(view, say).render();
    }

    private String render() {
        ProblemCards cards = new ProblemCards(view, say);
        Headline headline = Headline.of(view, words);
        Html main = Html.of(
                """
                {}
                <div id="cards" data-live>{}</div>
                <div id="figures" data-live>{}</div>
                <div class="pair">
                <section aria-labelledby="running-title"><h2 id="running-title">{}</h2><div id="running" data-live>{}</div></section>
                <section aria-labelledby="next-title"><h2 id="next-title">{}</h2><div id="next" data-live>{}</div></section>
                </div>
                <div id="objectives" data-live>{}</div>
                <div id="heavy" data-live>{}</div>
                <section aria-labelledby="replication-title"{}><h2 id="replication-title">{}</h2><div id="replication" data-live>{}</div></section>
                <section aria-labelledby="backups-title"><h2 id="backups-title">{}</h2><div id="backups" data-live>{}</div></section>
                <section aria-labelledby="checklists-title"><h2 id="checklists-title">{}</h2><div id="checklists" data-live>{}</div></section>
                <section aria-labelledby="runbooks-title"><div class="head"><h2 id="runbooks-title">{}</h2>{}</div><div id="runbooks" data-live>{}</div></section>
                <section aria-labelledby="recent-title"><h2 id="recent-title">{}</h2><div id="recent" data-live>{}</div></section>
                <section aria-labelledby="audit-title"><h2 id="audit-title">{}</h2><div id="audit" data-live>{}</div></section>
                """,
                headline(headline),
                cards.html(),
                Figures.of(view, say),
                words.say("running.title"),
                running(),
                words.say("next.title"),
                next(),
                ObjectiveLines.of(view.objectives(), say),
                heavy(),
                Html.of(" data-heartbeat").when(!view.replication().servers().isEmpty()),
                words.say("replication.title"),
                ReplicationSection.of(view.replication(), view.limits(), say),
                words.say("backups.title"),
                BackupSection.of(view.protection(), say),
                words.say("checklists.title"),
                ChecklistSection.of(view.checklists(), say),
                words.say("runbooks.title"),
                filter(),
                runbooks(),
                words.say("recent.title"),
                recent(),
                words.say("audit.title"),
                AuditSection.of(view.audit(), say));
        String title = headline.needs() == 0
                ? words.say("title.well")
                : headline.shape() + " " + headline.sentence().replaceFirst("\\.$", "");
        return new PageFrame(view.agent(), say).page(title, "status", headline.needs() > 0, main);
    }

    private Html headline(Headline headline) {
        return Html.of(
                """
                <div id="headline" class="headline {}" data-live aria-live="polite" aria-atomic="true">\
                <span class="shape" aria-hidden="true">{}</span><div><h1>{}</h1>{}</div></div>
                """,
                headline.kind(),
                headline.shape(),
                headline.sentence(),
                Html.of("<p>{}</p>", facts()).when(!headline.kind().equals("fresh")));
    }

    private Html facts() {
        Instant last = view.lastProblem();
        long paused = view.runbooks().stream().filter(StatusView.Row::paused).count();
        return Html.of(
                "{}{}, {}",
                words.count("headline.runbooks", view.runbooks().size()),
                paused == 0 ? "" : " (" + words.say("headline.paused", words.number(paused)) + ")",
                last == null
                        ? words.say("headline.noProblem")
                        : Html.of("{} {}.", words.say("headline.lastProblem"), say.ago(last)));
    }

    private Html running() {
        if (view.running().isEmpty()) {
            return Html.of("<p class=\"empty\">{}</p>", words.say("running.none"));
        }
        return Html.of(
                "<ul class=\"running\">{}</ul>",
                view.running().stream()
                        .map(r -> Html.of(
                                """
                                <li>
                                <p class="line"><a href="/runs/{}">{}</a> {} <span class="since">{}</span>{}</p>
                                {}
                                </li>
                                """,
                                r.run().runId(),
                                r.run().runbook(),
                                say.state(r.run().state()),
                                say.ago(r.run().startedAt()),
                                Actions.cancel(r.run(), words),
                                ProgressBars.of(r.run(), r.steps(), r.progress(), say)))
                        .toList());
    }

    private Html next() {
        if (view.next().isEmpty()) {
            return Html.of("<p class=\"empty\">{}</p>", words.say("next.none"));
        }
        return Html.of(
                "<ol class=\"next\">{}</ol>",
                view.next().stream()
                        .map(n -> Html.of(
                                "<li><a href=\"/runbooks/{}\">{}</a> <span>{}</span> <span class=\"at\">{}</span></li>\n",
                                Html.url(n.runbook().name()),
                                n.runbook().name(),
                                say.in(n.at()),
                                say.minute(n.at())))
                        .toList());
    }

    /** Most of the time there is none, and nothing is said of it. */
    private Html heavy() {
        return Html.of(
                        "<section aria-labelledby=\"heavy-title\"><h2 id=\"heavy-title\">{}</h2>{}</section>",
                        words.say("heavy.title"),
                        HeavyWorkSection.of(view.heavy(), say))
                .when(HeavyWorkSection.isWorthShowing(view.heavy()));
    }

    private Html filter() {
        return Html.of(
                        "<label class=\"filter js\">{} <input type=\"search\" data-filter=\"runbooks\"></label>",
                        words.say("runbooks.filter"))
                .when(view.runbooks().size() >= FILTER_FROM);
    }

    private Html runbooks() {
        if (view.runbooks().isEmpty()) {
            return Html.of(
                    "<p class=\"empty\">{}</p>",
                    words.say("runbooks.none", view.agent().runbookFolder()));
        }
        return Html.of(
                """
                <table class="runbooks">
                <thead><tr><th scope="col">{}</th><th scope="col" class="wide">{}</th><th scope="col">{}</th>\
                <th scope="col">{}</th><th scope="col" class="js"><span class="unseen">{}</span></th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                words.say("runbooks.name"),
                words.say("runbooks.schedule"),
                words.say("runbooks.last"),
                words.say("runbooks.next"),
                words.say("runbooks.actions"),
                view.runbooks().stream().map(this::row).toList());
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

    private Html recent() {
        List<RunOutcome> recent = view.recent();
        return recent.isEmpty()
                ? Html.of("<p class=\"empty\">{}</p>", words.say("recent.none"))
                : Html.of(
                        "{}<p class=\"more\"><a href=\"/runs\">{}</a></p>",
                        RunTable.of(recent, say, true),
                        words.say("recent.more"));
    }
}
