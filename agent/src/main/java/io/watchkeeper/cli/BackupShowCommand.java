package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.BackupShelf;
import io.watchkeeper.units.Bytes;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one backup. */
@Command(name = "show", mixinStandardHelpOptions = true, description = "Shows everything that is known of one backup.")
final class BackupShowCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "ID", description = "as 'watchkeeper backup list' names it")
    private String id = "";

    @Option(names = "--json", description = "one JSON document on standard output, with every file and its hash")
    private boolean json;

    BackupShowCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        JsonNode backup = Invocation.tree(new BackupShelf(invocation.config(), invocation.clock()).show(id));
        if (json) {
            invocation.printJson(backup);
            return ExitStatus.OK;
        }
        Terminal terminal = invocation.terminal();
        terminal.print(id + "  " + BackupListCommand.state(backup));
        line(
                "database",
                backup.path("database").asText() + " ("
                        + backup.path("databaseName").asText() + ", PostgreSQL "
                        + backup.path("serverVersion").asText() + ")");
        line("finished", time(backup, "finishedAt") + ", took " + Wording.duration(backup));
        line(
                "size",
                Bytes.of(backup.path("bytes").asLong()) + " in "
                        + backup.path("files").size() + " files");
        line("folder", backup.path("folder").asText());
        for (String key :
                new String[] {"startLsn", "stopLsn", "timeline", "systemId", "parent", "compression", "encryption"}) {
            JsonNode value = backup.path(key);
            if (!value.isNull() && !value.asText().isEmpty()) {
                line(key, value.asText());
            }
        }
        line("verified", time(backup, "verifiedAt"));
        line("restored", time(backup, "restoredAt"));
        backup.path("damages").forEach(damage -> line("damage", damage.asText()));
        if (!backup.path("pinnedBy").isNull()) {
            line("in use by", backup.path("pinnedBy").asText());
        }
        fields("tool", backup.path("tools"));
        fields("option", backup.path("options"));
        return ExitStatus.OK;
    }

    private void fields(String heading, JsonNode fields) {
        for (Map.Entry<String, JsonNode> one : fields.properties()) {
            line(heading, one.getKey() + " " + one.getValue().asText());
        }
    }

    private String time(JsonNode backup, String key) {
        JsonNode at = backup.path(key);
        return at.isNull()
                ? "never"
                : Wording.time(Instant.parse(at.asText()), invocation.clock().getZone());
    }

    private void line(String heading, String text) {
        invocation.terminal().print(String.format("  %-12s %s", heading, text));
    }
}
