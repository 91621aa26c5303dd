package io.watchkeeper.http.page;

import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One runbook: what it does, when it runs, how it went, and a way to run it now. */
public final class RunbookPage {

    private final RunbookView view;
    private final Runbook runbook;
    private final Saying say;
    private final Words words;

    private RunbookPage(RunbookView view, Saying say) {
        this.view = view;
        this.runbook = view.runbook();
        this.say = say;
        this.words = say.words();
    }

    public static String render(RunbookView view, Saying say) {
        RunbookPage page = new RunbookPage(view, say);
        return new PageFrame(view.agent(), say).page(view.runbook().name(), "", false, page.main());
    }

    private Html main() {
        return Html.of(
                """
                <div class="headline plain"><div><h1>{}</h1><p>{}</p></div></div>
                <div id="now" class="actions" data-live>{} {} {}</div>
                <section id="run" class="js" aria-labelledby="run-title"><h2 id="run-title">{}</h2>{}</section>
                <section aria-labelledby="about-title"><h2 id="about-title">{}</h2><div id="about" data-live>{}</div></section>
                <section aria-labelledby="runs-title"><h2 id="runs-title">{}</h2><div id="runs" data-live>{}</div></section>
                {}
                {}
                """,
                runbook.name(),
                runbook.description().isEmpty() ? words.say("runbook.noDescription") : runbook.description(),
                lastRun(),
                Actions.pause(runbook, view.paused(), words).when(runbook.schedule() != null),
                Actions.command("watchkeeper run " + runbook.name(), words),
                words.say("runbook.run"),
                runForm(),
                words.say("runbook.about"),
                Definition.of(view, say),
                words.say("recent.title"),
                runs(),
                cluster(),
                source(view.source()));
    }

    private Html lastRun() {
        if (view.runs().isEmpty()) {
            return say.mark("skipped", "–", words.say("runbooks.never"));
        }
        RunOutcome last = view.runs().get(0);
        return Html.of(
                "<a class=\"plain\" href=\"/runs/{}\">{}</a> {}",
                last.runId(),
                say.state(last.state()),
                last.state() == RunState.RUNNING ? Html.EMPTY : say.ago(last.startedAt()));
    }

    private Html runForm() {
        List<Html> fields = new ArrayList<>();
        for (Parameter parameter : runbook.parameters()) {
            String standard = parameter.defaultValue();
            fields.add(Html.of(
                    "<label>{} <input name=\"{}\" autocomplete=\"off\"{}></label>",
                    parameter.name(),
                    parameter.name(),
                    standard == null ? Html.of(" required") : Html.of(" placeholder=\"{}\"", standard)));
        }
        return Html.of("""
                <form class="run" data-act="run-form" data-runbook="{}">{}
                <p class="actions"><button type="submit" class="primary" value="run">{}</button>
                <button type="submit" value="dry">{}</button></p></form>
                """, runbook.name(), fields, words.say("act.run"), words.say("act.dryRun"));
    }

    private Html runs() {
        return view.runs().isEmpty()
                ? Html.of("<p class=\"empty\">{}</p>", words.say("recent.none"))
                : Html.of(
                        "{}<p class=\"more\"><a href=\"/runs?runbook={}\">{}</a></p>",
                        RunTable.of(view.runs(), say, false),
                        Html.url(runbook.name()),
                        words.say("recent.more"));
    }

    private Html cluster() {
        ClusterRuns cluster = view.cluster();
        return cluster == null
                ? Html.EMPTY
                : Html.of(
                        "<section aria-labelledby=\"cluster-title\"><h2 id=\"cluster-title\">{}</h2>"
                                + "<div id=\"cluster\" data-live>{}</div></section>",
                        words.say("cluster.title"),
                        cluster.html(say));
    }

    private Html source(@Nullable String source) {
        if (source == null) {
            return Html.EMPTY;
        }
        List<Html> lines = new ArrayList<>();
        int number = 1;
        for (String line : source.lines().toList()) {
            lines.add(Html.of(
                    "<span class=\"line\" id=\"L{}\"><span class=\"number\">{}</span>{}</span>\n",
                    number,
                    number,
                    line));
            number++;
        }
        return Html.of(
                "<section aria-labelledby=\"source-title\"><h2 id=\"source-title\">{}</h2><pre class=\"source\" tabindex=\"0\">{}</pre></section>",
                words.say("runbook.source"),
                lines);
    }
}
