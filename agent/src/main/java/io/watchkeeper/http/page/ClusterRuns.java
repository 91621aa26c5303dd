package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunState;
import io.watchkeeper.schedule.ClusterRun;
import java.util.List;
import java.util.Optional;

/**
 * A runbook of the cluster, as all its agents know it.
 *
 * @param runs newest first
 * @param trouble why the cluster cannot be used now; empty when it can
 */
public record ClusterRuns(List<ClusterRun> runs, Optional<String> trouble) {

    Html html(Saying say) {
        Words words = say.words();
        if (trouble.isPresent()) {
            return Html.of("<p class=\"empty\">{} {}</p>", words.say("cluster.away"), trouble.get());
        }
        if (runs.isEmpty()) {
            return Html.of("<p class=\"empty\">{}</p>", words.say("recent.none"));
        }
        return Html.of(
                """
                <table class="runs">
                <thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th>\
                <th scope="col" class="num">{}</th><th scope="col" class="wide">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                words.say("runs.state"),
                words.say("cluster.due"),
                words.say("cluster.host"),
                words.say("cluster.attempts"),
                words.say("runs.note"),
                runs.stream().map(run -> row(run, say)).toList());
    }

    private static Html row(ClusterRun run, Saying say) {
        return Html.of(
                "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"num\">{}</td><td class=\"wide note\">{}</td></tr>",
                RunState.ofWireName(run.state())
                        .map(say::state)
                        .orElseGet(() -> say.mark("queued", "…", say.words().say("cluster." + run.state()))),
                say.minute(run.fireTime()),
                run.host() == null ? "" : run.host(),
                run.attempts(),
                run.message() == null ? "" : run.message());
    }
}
