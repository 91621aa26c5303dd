package io.watchkeeper.http.page;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One run: how it went in one sentence, its steps, results, error and log. Live while it runs; also as a report on its own. */
public final class RunPage {

    private final RunView view;
    private final RunOutcome run;
    private final Saying say;
    private final Words words;

    private RunPage(RunView view, Saying say) {
        this.view = view;
        this.run = view.run();
        this.say = say;
        this.words = say.words();
    }

    public static String render(RunView view, Saying say) {
        RunPage page = new RunPage(view, say);
        boolean alert = page.run.state() == RunState.FAILED || page.run.state() == RunState.TIMED_OUT;
        String title = Saying.shape(page.run.state()) + " " + page.run.runbook();
        return new PageFrame(view.agent(), say).page(title, "", alert, page.main(true));
    }

    /** A document that needs nothing but itself, to be kept or sent. @param style the whole style sheet */
    public static String report(RunView view, Saying say, String style) {
        RunPage page = new RunPage(view, say);
        return Html.of("""
                        <!doctype html>
                        <html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
                        <meta name="color-scheme" content="light dark"><title>{} · {}</title>
                        <style>""", page.words.language().getLanguage(), page.run.runbook(), page.run.runId())
                + style
                + Html.of(
                        """
                        </style></head>
                        <body class="report"><main>
                        {}
                        <footer><p>Watchkeeper {} · {} · {}</p></footer>
                        </main></body></html>
                        """,
                        page.main(false),
                        view.agent().version(),
                        view.agent().host(),
                        say.time(say.now()));
    }

    private Html main(boolean interactive) {
        return Html.of(
                """
                <div id="headline" class="headline {}" data-live aria-live="polite" aria-atomic="true">\
                <span class="shape" aria-hidden="true">{}</span><div><h1>{}{}</h1><p>{}</p></div></div>
                {}
                <div id="error" data-live>{}</div>
                <div id="progress" data-live>{}{}</div>
                <section aria-labelledby="steps-title"><h2 id="steps-title">{}</h2><div id="steps" data-live>{}</div></section>
                {}
                <section aria-labelledby="log-title"><h2 id="log-title">{}</h2>{}</section>
                """,
                run.state().wireName().toLowerCase(Locale.ROOT),
                Saying.shape(run.state()),
                sentence(interactive),
                Html.of(" <span class=\"badge\">{}</span>", words.say("run.dry"))
                        .when(run.dryRun()),
                facts(),
                actions().when(interactive),
                error(run.error()),
                ProgressBars.of(run, steps(), view.progress(), say)
                        .when(!run.state().isFinal()),
                RateChart.of(view.rates(), say),
                words.say("run.steps"),
                stepList(),
                plan(),
                words.say("run.log"),
                log());
    }

    /** As the runbook stands now; where it was changed since, its file's history knows more. */
    private Html plan() {
        Runbook runbook = view.runbook();
        return runbook == null
                ? Html.EMPTY
                : Html.of(
                        "<details class=\"apart plan\"><summary>{}</summary>{}</details>",
                        words.say("run.plan"),
                        Definition.of(runbook, view.scheduleWords(), say));
    }

    private Html sentence(boolean interactive) {
        Html name = interactive
                ? Html.of("<a href=\"/runbooks/{}\">{}</a>", Html.url(run.runbook()), run.runbook())
                : Html.text(run.runbook());
        return switch (run.state()) {
            case QUEUED -> Html.of("{} {}", name, words.say("run.queued"));
            case RUNNING -> Html.of("{} {} {}", name, words.say("run.running"), say.ago(run.startedAt()));
            case SKIPPED -> Html.of("{} {}", name, words.say("run.skipped"));
            default -> Html.of("{} {}", name, words.say("run." + run.state().wireName(), say.duration(run.duration())));
        };
    }

    private Html facts() {
        List<Html> facts = new ArrayList<>();
        if (run.dryRun()) {
            facts.add(Html.text(words.say("run.nothingChanged")));
        }
        facts.add(say.time(run.startedAt()));
        facts.add(Html.text(RunTable.trigger(run.trigger(), words)));
        facts.add(Html.text(run.host()));
        facts.add(Html.of("<code>{}</code>", run.runId()));
        new TreeMap<>(run.params()).forEach((name, value) -> facts.add(Html.of("<code>{}={}</code>", name, value)));
        return Html.join(Html.of(" · "), facts);
    }

    private Html actions() {
        Runbook runbook = view.runbook();
        return Html.of(
                """
                <div id="actions" class="actions" data-live>{}{}
                <a class="button quiet" href="/v1/runs/{}/report">{}</a>
                <a class="button quiet" href="/v1/runs/{}">JSON</a>
                {}</div>
                """,
                Actions.cancel(run, words).when(!run.state().isFinal()),
                runbook == null ? Html.EMPTY : again().when(run.state().isFinal()),
                run.runId(),
                words.say("run.report"),
                run.runId(),
                Actions.command(command(), words));
    }

    private Html again() {
        Html params = Html.EMPTY;
        for (Map.Entry<String, String> param : run.params().entrySet()) {
            params = Html.of("{} data-param-{}=\"{}\"", params, hex(param.getKey()), param.getValue());
        }
        return Html.of(
                "<button type=\"button\" class=\"js primary\" id=\"again\" data-act=\"run\" data-runbook=\"{}\" data-dry=\"{}\"{}>{}</button>",
                run.runbook(),
                run.dryRun(),
                params,
                words.say("run.again"));
    }

    /** Attribute names know no upper case; parameter names do. */
    private static String hex(String name) {
        return java.util.HexFormat.of().formatHex(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private String command() {
        StringBuilder command = new StringBuilder("watchkeeper run ").append(shell(run.runbook()));
        new TreeMap<>(run.params())
                .forEach((name, value) -> command.append(" -P ").append(shell(name + "=" + value)));
        return command.append(run.dryRun() ? " --dry-run" : "").toString();
    }

    private static String shell(String word) {
        return word.matches("[A-Za-z0-9._=:/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private Html error(@Nullable RunError error) {
        if (error == null) {
            return Html.EMPTY;
        }
        Excerpt excerpt = view.excerpt();
        return Html.of(
                "<div class=\"card {}\"><p class=\"message\">{}</p>{}{}{}{}</div>",
                run.state() == RunState.SKIPPED || run.state() == RunState.CANCELLED ? "skipped" : "failed",
                error.message(),
                error.hint() == null ? Html.EMPTY : Html.of("<p class=\"hint\"><b>HINT</b> {}</p>", error.hint()),
                error.file() == null
                        ? Html.EMPTY
                        : Html.of(
                                "<p class=\"place\">{}{}</p>",
                                error.file(),
                                error.line() > 0 ? ":" + error.line() : ""),
                excerpt == null ? Html.EMPTY : excerpt.html(),
                error.sqlState() == null ? Html.EMPTY : Html.of("<p class=\"did\">SQLSTATE {}</p>", error.sqlState()));
    }

    private int steps() {
        Runbook runbook = view.runbook();
        return runbook == null ? 0 : runbook.steps().size();
    }

    private Html stepList() {
        List<Html> items = new ArrayList<>();
        long total = Math.max(
                1, run.steps().stream().mapToLong(s -> s.duration().toMillis()).sum());
        long before = 0;
        for (StepOutcome step : run.steps()) {
            items.add(step(step, before, total));
            before += step.duration().toMillis();
        }
        Runbook runbook = view.runbook();
        if (runbook != null && !run.state().isFinal()) {
            List<Step> all = runbook.steps();
            for (Step step : all.subList(Math.min(run.steps().size(), all.size()), all.size())) {
                items.add(Html.of(
                        "<li class=\"step waiting\"><p class=\"line\">{} <b>{}</b></p></li>",
                        say.mark("queued", "○", words.say("run.waiting")),
                        step.name()));
            }
        }
        return items.isEmpty()
                ? Html.of("<p class=\"empty\">{}</p>", words.say("run.noSteps"))
                : Html.of("<ol class=\"steps\">{}</ol>", items);
    }

    private Html step(StepOutcome step, long before, long total) {
        double left = 100.0 * before / total;
        double width = Math.max(0.6, 100.0 * step.duration().toMillis() / total);
        RunError error = step.error();
        return Html.of(
                """
                <li class="step"><p class="line">{} <b>{}</b> <span class="took">{}{}</span></p>
                <svg class="span {}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="4"/>\
                <rect x="{}" width="{}" height="4"/></svg>
                {}{}</li>
                """,
                say.state(step.state()),
                step.name(),
                step.state() == RunState.RUNNING ? "" : say.duration(step.duration()),
                step.attempts() > 1 ? ", " + words.say("run.attempts", step.attempts()) : "",
                step.state().wireName().toLowerCase(Locale.ROOT),
                String.format(Locale.ROOT, "%.2f", Math.min(left, 99.4)),
                String.format(Locale.ROOT, "%.2f", Math.min(width, 100)),
                error == null || error.equals(run.error()) || isSaidAlready(error)
                        ? Html.EMPTY
                        : Html.of("<p class=\"message\">{}</p>", error.message()),
                ResultTable.of(step.results(), say));
    }

    private boolean isSaidAlready(RunError error) {
        RunError whole = run.error();
        return whole != null && whole.message().equals(error.message());
    }

    private Html log() {
        Html lines = Html.all(view.log().stream().map(this::line).toList());
        return Html.of(
                """
                {}<ol class="log" id="log" data-run="{}" data-running="{}" data-zone="{}" tabindex="0" aria-label="{}">{}</ol>
                {}""",
                view.linesLeftOut() == 0
                        ? Html.EMPTY
                        : Html.of(
                                "<p class=\"more\"><a href=\"/v1/runs/{}/log\">{}</a></p>",
                                run.runId(),
                                words.count("run.olderLines", view.linesLeftOut())),
                run.runId(),
                !run.state().isFinal(),
                say.zone().getId(),
                words.say("run.log"),
                lines,
                view.log().isEmpty()
                        ? Html.of("<p class=\"empty\" id=\"log-empty\">{}</p>", words.say("run.noLog"))
                        : Html.EMPTY);
    }

    private Html line(LogLine line) {
        String level = line.level().name().toLowerCase(Locale.ROOT);
        return Html.of(
                "<li class=\"{}\">{} <span class=\"level\">{}</span> <span class=\"text\">{}</span></li>\n",
                level,
                say.clock(line.at()),
                level,
                line.message());
    }
}
