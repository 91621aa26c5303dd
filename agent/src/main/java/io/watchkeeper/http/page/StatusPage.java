package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunOutcome;
import java.time.Instant;
import java.util.List;

/** The first page: is anything wrong, what runs, what comes next, what there is. */
public final class StatusPage {

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
                <div id="objectives" data-live>{}</div>
                <div class="pair">
                <section aria-labelledby="running-title"><h2 id="running-title">{}</h2><div id="running" data-live>{}</div></section>
                <section aria-labelledby="next-title"><h2 id="next-title">{}</h2><div id="next" data-live>{}</div></section>
                </div>
                <div id="heavy" data-live>{}</div>
                {}{}{}{}{}{}{}{}
                """,
                headline(headline),
                cards.html(),
                Figures.of(view, say),
                ObjectiveLines.of(view.objectives(), say),
                words.say("running.title"),
                running(),
                words.say("next.title"),
                next(),
                heavy(),
                section("day", "/runs", DayStrip.of(view.day(), say)),
                section("sync", "/sync", SyncTable.inShort(view.tables(), say)),
                replication(),
                section("backups", "/backups", BackupSection.of(view.protection(), say)),
                section(
                        "checklists",
                        "/checklists",
                        ChecklistTable.of(view.checklists(), Sorting.usual("/checklists"), say)),
                section(
                        "runbooks",
                        "/runbooks",
                        RunbookTable.of(
                                view.runbooks(), view.agent().runbookFolder(), Sorting.usual("/runbooks"), say)),
                section("recent", "/runs", recent()),
                section("audit", "/audit", AuditSection.of(view.audit(), say)));
        String title = headline.needs() == 0
                ? words.say("title.well")
                : headline.shape() + " " + headline.sentence().replaceFirst("\\.$", "");
        return new PageFrame(view.agent(), say).page(title, "status", headline.needs() > 0, main);
    }

    /** A heading that leads to the whole table, and what there is to say here. @param name of the section, of which its keys begin */
    private Html section(String name, String more, Html content) {
        return Html.of(
                "<section aria-labelledby=\"{}-title\"><h2 id=\"{}-title\"><a href=\"{}\">{}</a></h2>"
                        + "<div id=\"{}\" data-live>{}</div></section>\n",
                name,
                name,
                more,
                words.say(name + ".title"),
                name,
                content);
    }

    private Html replication() {
        return Html.of(
                "<section aria-labelledby=\"replication-title\"{}><h2 id=\"replication-title\"><a href=\"/replicas\">{}</a></h2>"
                        + "<div id=\"replication\" data-live>{}</div></section>\n",
                Html.of(" data-heartbeat").when(!view.replication().servers().isEmpty()),
                words.say("replication.title"),
                ReplicationSection.of(view.replication(), view.limits(), view.tables(), say));
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
