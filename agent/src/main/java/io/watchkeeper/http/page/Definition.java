package io.watchkeeper.http.page;

import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What a runbook says of itself: when it runs, its steps, and what limits it. */
final class Definition {

    private final Runbook runbook;
    private final String scheduleWords;
    private final String cron;
    private final List<Instant> fireTimes;
    private final boolean paused;
    private final Saying say;
    private final Words words;

    private Definition(
            Runbook runbook, String scheduleWords, String cron, List<Instant> fireTimes, boolean paused, Saying say) {
        this.runbook = runbook;
        this.scheduleWords = scheduleWords;
        this.cron = cron;
        this.fireTimes = fireTimes;
        this.paused = paused;
        this.say = say;
        this.words = say.words();
    }

    /** With what is due next. */
    static Html of(RunbookView view, Saying say) {
        return new Definition(
                        view.runbook(), view.scheduleWords(), view.cron(), view.nextFireTimes(), view.paused(), say)
                .definition();
    }

    /** What a run of it followed. @param scheduleWords empty when it only runs when asked */
    static Html of(Runbook runbook, String scheduleWords, Saying say) {
        return new Definition(runbook, scheduleWords, "", List.of(), false, say).definition();
    }

    private Html definition() {
        Policy policy = runbook.policy();
        List<Html> rows = new ArrayList<>();
        rows.add(row(
                "runbook.when",
                scheduleWords.isEmpty()
                        ? Html.text(words.say("runbooks.onDemand"))
                        : Html.of(
                                "{} {}",
                                scheduleWords,
                                Html.of("<code>{}</code>", cron).when(!cron.isEmpty()))));
        next(rows);
        rows.add(row(
                "runbook.steps",
                Html.of(
                        "<ol class=\"names\">{}</ol>",
                        runbook.steps().stream()
                                .map(step -> Html.of("<li>{}</li>", step.name()))
                                .toList())));
        rows.add(row(
                "runbook.limit",
                Html.text(words.say(
                        "runbook.policy",
                        say.duration(policy.timeout()),
                        words.count("runbook.attempts", policy.attempts()),
                        words.say("overlap." + policy.overlap().name())))));
        if (!policy.locks().isEmpty()) {
            rows.add(row("runbook.locks", Html.text(String.join(", ", policy.locks()))));
        }
        if (!runbook.guards().isEmpty()) {
            rows.add(row(
                    "runbook.guards",
                    Html.join(
                            Html.of("<br>"),
                            runbook.guards().stream().map(this::guard).toList())));
        }
        if (!runbook.owner().isEmpty()) {
            rows.add(row("runbook.owner", Html.text(runbook.owner())));
        }
        if (!runbook.roles().isEmpty()) {
            rows.add(row("runbook.roles", Html.text(String.join(", ", new TreeSet<>(runbook.roles())))));
        }
        rows.add(row("runbook.file", Html.of("<code>{}</code>", runbook.location())));
        return Html.of("<dl class=\"facts\">{}</dl>", rows);
    }

    private Html row(String key, Html value) {
        return Html.of("<dt>{}</dt><dd>{}</dd>", words.say(key), value);
    }

    private Html guard(Guard guard) {
        if (guard instanceof Guard.MaxReplicationLag lag) {
            return Html.text(words.say("guard.lag", lag.database(), lag.lag()));
        }
        Guard.MinFreeDisk disk = (Guard.MinFreeDisk) guard;
        return Html.text(words.say("guard.disk", disk.path(), disk.free()));
    }

    private void next(List<Html> rows) {
        if (!fireTimes.isEmpty()) {
            rows.add(row(
                    "runbook.next",
                    Html.of(
                            "{}<ul class=\"times\">{}</ul>",
                            paused
                                    ? Html.of("{} ", say.mark("paused", "‖", words.say("runbook.pausedTimes")))
                                    : Html.EMPTY,
                            fireTimes.stream()
                                    .map(at -> Html.of(
                                            "<li>{} <span class=\"since\">{}</span></li>", say.minute(at), say.in(at)))
                                    .toList())));
        }
    }
}
