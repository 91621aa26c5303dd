package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.BackupShelf;
import io.watchkeeper.units.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the backups in the repository. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists the backups in the repository, newest first, with what is known of each.")
final class BackupListCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Option(names = "--database", paramLabel = "DB", description = "only backups of this database")
    private @Nullable String database;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    BackupListCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        JsonNode backups = Invocation.tree(new BackupShelf(invocation.config(), invocation.clock()).list(database));
        if (json) {
            invocation.printJson(backups);
            return ExitStatus.OK;
        }
        Terminal terminal = invocation.terminal();
        if (backups.isEmpty()) {
            terminal.print("No backups" + (database == null ? "" : " of " + database) + " yet.");
            return ExitStatus.OK;
        }
        List<JsonNode> rows = new ArrayList<>();
        backups.forEach(rows::add);
        terminal.print(Table.of(
                terminal,
                rows,
                Table.column("backup", one -> one.path("id").asText()),
                Table.column("database", one -> one.path("database").asText()),
                Table.column(
                        "finished",
                        one -> Wording.time(
                                Instant.parse(one.path("finishedAt").asText()),
                                invocation.clock().getZone())),
                Table.right("took", Wording::duration),
                Table.right("size", one -> Bytes.of(one.path("bytes").asLong()).toString()),
                Table.column("state", BackupListCommand::state)));
        return ExitStatus.OK;
    }

    /** In words: what is wrong first, then what was proven, then who holds it. */
    static String state(JsonNode backup) {
        List<String> words = new ArrayList<>();
        if (!backup.path("good").asBoolean()) {
            words.add("DAMAGED: " + backup.path("damages").path(0).asText());
        }
        if (!backup.path("limit").isNull()) {
            words.add(backup.path("limit").asText());
        }
        if (!backup.path("restoredAt").isNull()) {
            words.add("restored");
        }
        if (!backup.path("verifiedAt").isNull()) {
            words.add("verified");
        }
        if (!backup.path("held").isNull()) {
            words.add("held by " + backup.path("held").asText());
        }
        if (!backup.path("provider").asText().equals("native")) {
            words.add(backup.path("provider").asText());
        }
        return words.isEmpty() ? "not verified yet" : String.join(", ", words);
    }
}
