package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;

/** Buttons that change something. Without the script they are not shown, since only it can present the token. */
final class Actions {

    private Actions() {}

    static Html cancel(RunOutcome run, Words words) {
        return Html.of(
                " <button type=\"button\" class=\"js danger\" id=\"cancel-{}\" data-act=\"cancel\" data-run=\"{}\""
                        + " aria-label=\"{}\">{}</button>",
                run.runId(),
                run.runId(),
                words.say("act.cancel.of", run.runbook()),
                words.say("act.cancel"));
    }

    static Html runAndPause(Runbook runbook, boolean paused, Words words) {
        boolean asks = runbook.parameters().stream().anyMatch(p -> p.defaultValue() == null);
        Html run = asks
                ? Html.of(
                        "<a class=\"button\" href=\"/runbooks/{}#run\" aria-label=\"{}\">{}</a>",
                        Html.url(runbook.name()),
                        words.say("act.run.of", runbook.name()),
                        words.say("act.run.ask"))
                : run(runbook.name(), words);
        return Html.of("{} {}", run, pause(runbook, paused, words).when(runbook.schedule() != null));
    }

    static Html run(String runbook, Words words) {
        return run("run", runbook, words);
    }

    /** In the card of a runbook that failed, which has a button in the table, too. */
    static Html runAgain(String runbook, Words words) {
        return run("again", runbook, words);
    }

    private static Html run(String id, String runbook, Words words) {
        return Html.of(
                "<button type=\"button\" class=\"js\" id=\"{}-{}\" data-act=\"run\" data-runbook=\"{}\" aria-label=\"{}\">{}</button>",
                id,
                runbook,
                runbook,
                words.say("act.run.of", runbook),
                words.say("act.run"));
    }

    static Html pause(Runbook runbook, boolean paused, Words words) {
        return Html.of(
                "<button type=\"button\" class=\"js quiet\" id=\"pause-{}\" data-act=\"pause\" data-runbook=\"{}\" data-paused=\"{}\""
                        + " aria-label=\"{}\">{}</button>",
                runbook.name(),
                runbook.name(),
                !paused,
                words.say(paused ? "act.resume.of" : "act.pause.of", runbook.name()),
                words.say(paused ? "act.resume" : "act.pause"));
    }

    /** A command to paste into a terminal. */
    static Html command(String command, Words words) {
        return Html.of(
                "<span class=\"command\"><code>{}</code><button type=\"button\" class=\"js quiet\" data-act=\"copy\" data-text=\"{}\">{}</button></span>",
                command,
                command,
                words.say("act.copy"));
    }
}
