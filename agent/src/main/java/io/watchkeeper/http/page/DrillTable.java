package io.watchkeeper.http.page;

import io.watchkeeper.protection.DrillState;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every drill on record, with the way to its report. */
public final class DrillTable {

    private final Saying say;
    private final Words words;

    private DrillTable(Saying say) {
        this.say = say;
        this.words = say.words();
    }

    public static Html of(List<DrillState> drills, Sorting sorting, Saying say) {
        return drills.isEmpty()
                ? Html.of(
                        "{}{}",
                        ListPage.nothing(sorting, say.words().say("drills.none"), say.words()),
                        Html.of("<p>{}</p>", Actions.command("watchkeeper run pitr-drill", say.words()))
                                .when(sorting.filter().isEmpty()))
                : new DrillTable(say).table(drills, sorting);
    }

    private Html table(List<DrillState> drills, Sorting sorting) {
        return Html.of(
                """
                <table class="stacked">
                <thead><tr>{}{}{}{}{}<th scope="col">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                sorting.head("database", words.say("backups.database")),
                sorting.head("at", words.say("drills.when")),
                sorting.head("passed", words.say("drills.result")),
                sorting.head("rpoSeconds", "RPO", "num"),
                sorting.head("rtoSeconds", "RTO", "num"),
                words.say("drills.report"),
                drills.stream().map(this::row).toList());
    }

    private Html row(DrillState drill) {
        String run = drill.runId();
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}</span></th>
                <td data-label="{}">{}</td><td data-label="{}">{}<span class="description">{}</span></td>
                <td class="num" data-label="RPO">{}</td><td class="num" data-label="RTO">{}</td><td data-label="{}">{}</td></tr>
                """,
                drill.database(),
                drill.backup(),
                words.say("drills.when"),
                say.ago(drill.at()),
                words.say("drills.result"),
                drill.passed()
                        ? say.mark("succeeded", "✓", words.say("backups.passed"))
                        : say.mark("failed", "✖", words.say("backups.failed")),
                String.join("; ", drill.failures()),
                seconds(drill.rpoSeconds()),
                seconds(drill.rtoSeconds()),
                words.say("drills.report"),
                run == null
                        ? Html.of("<span class=\"never\">–</span>")
                        : Html.of(
                                "<a href=\"/v1/runs/{}/report\">{}</a>", Html.url(run), words.say("checklists.open")));
    }

    private String seconds(@Nullable Double seconds) {
        return seconds == null ? "–" : say.duration(Duration.ofMillis(Math.round(seconds * 1_000)));
    }
}
