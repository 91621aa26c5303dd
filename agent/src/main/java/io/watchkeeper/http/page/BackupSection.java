package io.watchkeeper.http.page;

import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.WalState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Is the data safe? One row for each database: what could be restored, how far, and when that was last proven. */
final class BackupSection {

    private final Protection protection;
    private final Saying say;
    private final Words words;

    private BackupSection(Protection protection, Saying say) {
        this.protection = protection;
        this.say = say;
        this.words = say.words();
    }

    static Html of(Protection protection, Saying say) {
        return new BackupSection(protection, say).html();
    }

    private Html html() {
        if (protection.repository() == null) {
            return Html.of("<p class=\"empty\">{}</p>", words.say("backups.unconfigured"));
        }
        if (protection.databases().isEmpty()) {
            return Html.of(
                    "<p class=\"empty\">{} {}</p>",
                    words.say("backups.none", protection.repository()),
                    Actions.command("watchkeeper backup base --database DATABASE", words));
        }
        return Html.of(
                """
                <table class="backups">
                <thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th>\
                <th scope="col">{}</th><th scope="col">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                <p class="more"><a href="/backups">{}</a> · <a href="/drills">{}</a></p>
                """,
                words.say("backups.database"),
                words.say("backups.base"),
                words.say("backups.dump"),
                words.say("backups.wal"),
                words.say("backups.drill"),
                protection.databases().stream().map(this::row).toList(),
                words.say("list.backups"),
                words.say("list.drills"));
    }

    private Html row(String database) {
        List<BackupState> all = protection.backups().stream()
                .filter(backup -> backup.database().equals(database))
                .toList();
        long bytes = all.stream().mapToLong(BackupState::bytes).sum();
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}, {}</span>{}</th>
                {}{}{}{}</tr>
                """,
                database,
                words.count("backups.count", all.size()),
                say.bytes(bytes),
                marks(all),
                cell("backups.base", backup(newestBase(database))),
                cell("backups.dump", backup(protection.newestGood(database, "dump"))),
                cell("backups.wal", archive(database)),
                cell("backups.drill", drill(database)));
    }

    /** With its heading, which a narrow screen shows beside it. */
    private Html cell(String heading, Html content) {
        return Html.of("<td data-label=\"{}\">{}</td>\n", words.say(heading), content);
    }

    private Html marks(List<BackupState> all) {
        long damaged = all.stream().filter(backup -> !backup.isGood()).count();
        long held = all.stream().filter(backup -> backup.held() != null).count();
        return Html.of(
                "{}{}",
                Html.of(" {}", say.mark("failed", "✖", words.count("backups.damaged", damaged)))
                        .when(damaged > 0),
                Html.of(" {}", say.mark("paused", "‖", words.count("backups.held", held)))
                        .when(held > 0));
    }

    /** A whole one or an incremental one, whichever is newer. */
    private Optional<BackupState> newestBase(String database) {
        Optional<BackupState> base = protection.newestGood(database, "base");
        Optional<BackupState> incremental = protection.newestGood(database, "incremental");
        return base.isPresent()
                        && incremental.isPresent()
                        && incremental.get().finishedAt().isAfter(base.get().finishedAt())
                ? incremental
                : base.or(() -> incremental);
    }

    private Html backup(Optional<BackupState> newest) {
        if (newest.isEmpty()) {
            return Html.of("<span class=\"never\">{}</span>", words.say("backups.never"));
        }
        BackupState backup = newest.get();
        List<Html> marks = new ArrayList<>();
        if (backup.restoredAt() != null) {
            marks.add(Html.of(" {}", say.mark("succeeded", "✓", words.say("backups.restored"))));
        }
        if (backup.verifiedAt() != null) {
            marks.add(Html.of(" {}", say.mark("succeeded", "✓", words.say("backups.verified"))));
        }
        if (marks.isEmpty()) {
            marks.add(Html.of(" {}", say.mark("skipped", "–", words.say("backups.unverified"))));
        }
        return Html.of(
                "<span title=\"{}\">{}, {}</span>{}",
                backup.id(),
                say.ago(backup.finishedAt()),
                say.bytes(backup.bytes()),
                marks);
    }

    private Html archive(String database) {
        Optional<WalState> found = protection.archive(database);
        if (found.isEmpty()) {
            return Html.of("<span class=\"never\">{}</span>", words.say("backups.noWal"));
        }
        WalState archive = found.get();
        Html until = archive.recoverableTo() == null
                ? Html.of("<span class=\"never\">{}</span>", words.say("backups.unknown"))
                : say.ago(archive.recoverableTo());
        Html live = archive.live() ? Html.of(" {}", say.mark("running", "●", words.say("backups.live"))) : Html.EMPTY;
        Html broken = archive.problems().isEmpty()
                ? Html.EMPTY
                : Html.of(" {}", say.mark("failed", "✖", words.say("backups.gap")));
        return Html.of("{}{}{}", until, live, broken);
    }

    private Html drill(String database) {
        Optional<DrillState> newest = protection.newestDrill(database);
        if (newest.isEmpty()) {
            return Html.of("<span class=\"never\">{}</span>", words.say("backups.noDrill"));
        }
        DrillState drill = newest.get();
        Html mark = drill.passed()
                ? say.mark("succeeded", "✓", words.say("backups.passed"))
                : say.mark("failed", "✖", words.say("backups.failed"));
        Html linked = drill.runId() == null
                ? mark
                : Html.of("<a class=\"plain\" href=\"/runs/{}\">{}</a>", Html.url(drill.runId()), mark);
        return Html.of(
                "{}<span class=\"age\">{}</span><span class=\"description\">{}</span>",
                linked,
                say.ago(drill.at()),
                words.say("backups.rpoRto", seconds(drill.rpoSeconds()), seconds(drill.rtoSeconds())));
    }

    private String seconds(@Nullable Double seconds) {
        return seconds == null ? "–" : say.duration(Duration.ofMillis(Math.round(seconds * 1_000)));
    }
}
