package io.watchkeeper.http.page;

import io.watchkeeper.protection.BackupState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every backup of the repository, with what is known of it. */
public final class BackupTable {

    private final Saying say;
    private final Words words;

    private BackupTable(Saying say) {
        this.say = say;
        this.words = say.words();
    }

    public static Html of(List<BackupState> backups, Sorting sorting, Saying say) {
        return backups.isEmpty()
                ? ListPage.nothing(sorting, say.words().say("backups.noneYet"), say.words())
                : new BackupTable(say).table(backups, sorting);
    }

    private Html table(List<BackupState> backups, Sorting sorting) {
        return Html.of(
                """
                <table class="stacked">
                <thead><tr>{}{}{}{}{}{}<th scope="col">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                sorting.head("id", words.say("backups.id")),
                sorting.head("database", words.say("backups.database")),
                sorting.head("finishedAt", words.say("backups.finished")),
                sorting.head("bytes", words.say("backups.size"), "num"),
                sorting.head("verifiedAt", words.say("sync.verified")),
                sorting.head("restoredAt", words.say("backups.restoredAt")),
                words.say("runs.state"),
                backups.stream().map(this::row).toList());
    }

    private Html row(BackupState backup) {
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}, {}</span></th>
                <td data-label="{}">{}</td><td data-label="{}">{}</td><td class="num" data-label="{}">{}</td>
                <td data-label="{}">{}</td><td data-label="{}">{}</td><td data-label="{}">{}</td></tr>
                """,
                backup.id(),
                backup.kind(),
                backup.provider(),
                words.say("backups.database"),
                backup.database(),
                words.say("backups.finished"),
                Html.of(
                        "{}<span class=\"description\">{}</span>",
                        say.ago(backup.finishedAt()),
                        say.duration(Duration.ofMillis(backup.duration()))),
                words.say("backups.size"),
                say.bytes(backup.bytes()),
                words.say("sync.verified"),
                ago(backup.verifiedAt()),
                words.say("backups.restoredAt"),
                ago(backup.restoredAt()),
                words.say("runs.state"),
                state(backup));
    }

    private Html ago(@Nullable Instant at) {
        return at == null ? Html.of("<span class=\"never\">{}</span>", words.say("sync.never")) : say.ago(at);
    }

    private Html state(BackupState backup) {
        Html state = backup.isGood()
                ? say.mark("succeeded", "✓", words.say("backups.good"))
                : Html.of(
                        "{}<span class=\"description\">{}</span>",
                        say.mark("failed", "✖", words.count("backups.damaged", 1)),
                        String.join("; ", backup.damages()));
        return Html.of(
                "{}{}",
                state,
                backup.held() == null
                        ? Html.EMPTY
                        : Html.of(" {}", say.mark("paused", "‖", words.say("backups.heldFor", backup.held()))));
    }
}
