package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.ReplicationLook;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.units.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows who is how far behind. */
@Command(
        name = "replication",
        mixinStandardHelpOptions = true,
        description =
                "Shows how far standbys and subscribers are behind, what slots keep for them, and what was done about"
                        + " it. Asks the running agent, else the servers. Exit status 1 when something needs somebody.")
final class ReplicationCommand implements Callable<Integer> {

    private static final int NEWEST_EVENTS = 12;

    private final Invocation invocation;

    @Option(names = "--database", paramLabel = "DB", description = "only this server")
    private @Nullable String database;

    @Option(names = "--json", description = "one JSON document on standard output")
    private boolean json;

    ReplicationCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        AgentConfig config = invocation.config();
        checkDatabase(config);
        String query = database == null ? "" : "?database=" + AgentClient.encode(database);
        JsonNode document = invocation
                .client(config)
                .get("/v1/replication" + query)
                .orElseGet(() -> Invocation.tree(ReplicationLook.describe(config, invocation.clock(), database)));
        if (json) {
            invocation.printJson(document);
        } else {
            print(document);
        }
        return document.path("status").asText().equals("alert") ? ExitStatus.FAILED : ExitStatus.OK;
    }

    private void checkDatabase(AgentConfig config) {
        if (database != null && config.database(database).isEmpty()) {
            List<String> names =
                    config.databases().stream().map(DatabaseSettings::name).toList();
            throw new UsageException(
                    "database '" + database + "' is not in the configuration",
                    Suggestion.didYouMean(database, names) + "Configured: " + String.join(", ", names) + ".");
        }
    }

    private void print(JsonNode document) {
        Terminal terminal = invocation.terminal();
        boolean any = false;
        for (JsonNode server : document.path("servers")) {
            if (concernsReplication(server)) {
                if (any) {
                    terminal.print("");
                }
                any = true;
                server(server);
            }
        }
        if (!any) {
            terminal.print(
                    "Nothing replicates here: no configured database has replicas, slots or a primary of its own.");
        }
        for (JsonNode concern : document.path("concerns")) {
            terminal.print(" " + mark(concern) + " " + concern.path("message").asText());
            terminal.print("   HINT: " + concern.path("hint").asText());
        }
        events(document.path("events"));
    }

    private static boolean concernsReplication(JsonNode server) {
        return server.path("role").asText().equals("standby")
                || !server.path("replicas").isEmpty()
                || !server.path("slots").isEmpty()
                || server.hasNonNull("problem");
    }

    private void server(JsonNode server) {
        Terminal terminal = invocation.terminal();
        List<String> about = new ArrayList<>();
        about.add(server.path("role").asText());
        if (!server.path("position").asText().isEmpty()) {
            about.add("at " + server.path("position").asText());
        }
        if (server.hasNonNull("walBytes")) {
            about.add("WAL " + Bytes.of(server.get("walBytes").asLong()));
        }
        if (server.hasNonNull("secondsToFull")) {
            about.add("disk full in " + seconds(server.get("secondsToFull")) + " at this rate");
        }
        about.add(Wording.ago(
                Instant.parse(server.path("at").asText()), invocation.clock().instant()));
        terminal.print(
                terminal.paint(Colour.BOLD, server.path("database").asText()) + "   " + String.join(", ", about));
        if (server.hasNonNull("problem")) {
            terminal.print(" " + terminal.paint(Colour.AMBER, "▲") + " could not be looked at: "
                    + server.get("problem").asText());
        }
        receiver(server);
        if (!server.path("replicas").isEmpty()) {
            terminal.print(replicas(list(server.path("replicas"))));
        }
        if (!server.path("slots").isEmpty()) {
            terminal.print(slots(list(server.path("slots"))));
        }
    }

    private void receiver(JsonNode server) {
        JsonNode receiver = server.path("receiver");
        if (receiver.isObject()) {
            String from = receiver.path("from").asText();
            invocation
                    .terminal()
                    .print("  receives" + (from.isEmpty() ? "" : " from " + from) + ": "
                            + receiver.path("status").asText() + ", "
                            + (receiver.path("behindBytes").asLong() == 0
                                    ? "nothing"
                                    : seconds(receiver.path("behindSeconds")))
                            + " to replay" + (receiver.path("paused").asBoolean() ? ", replay is paused" : ""));
        }
        List<String> conflicts = new ArrayList<>();
        server.path("conflicts").properties().forEach(kind -> {
            if (kind.getValue().asLong() > 0) {
                conflicts.add(
                        kind.getKey() + " " + Wording.grouped(kind.getValue().asLong()));
            }
        });
        if (!conflicts.isEmpty()) {
            invocation.terminal().print("  queries cancelled in favour of replay: " + String.join(", ", conflicts));
        }
    }

    private String replicas(List<JsonNode> rows) {
        return Table.of(
                invocation.terminal(),
                rows,
                Table.column(" ", this::mark),
                Table.column("replica", row -> row.path("name").asText()),
                Table.column("kind", row -> row.path("kind").asText()),
                Table.column("connection", this::connection),
                Table.right("behind", row -> seconds(row.path("lagSeconds"))),
                Table.right("to send", row -> bytes(row.at("/lagBytes/sent"))),
                Table.right("to write", row -> bytes(row.at("/lagBytes/write"))),
                Table.right("to flush", row -> bytes(row.at("/lagBytes/flush"))),
                Table.right("to replay", row -> bytes(row.at("/lagBytes/replay"))));
    }

    private String connection(JsonNode replica) {
        String connection = replica.path("connection").asText();
        if (connection.equals("disconnected")) {
            return "away, seen "
                    + Wording.ago(
                            Instant.parse(replica.path("seenAt").asText()),
                            invocation.clock().instant());
        }
        String sync = replica.path("syncState").asText();
        return connection + (sync.isEmpty() || sync.equals("async") ? "" : ", " + sync);
    }

    private String slots(List<JsonNode> rows) {
        return Table.of(
                invocation.terminal(),
                rows,
                Table.column(" ", this::mark),
                Table.column("slot", row -> row.path("slot").asText()),
                Table.column("kind", row -> row.path("kind").asText()),
                Table.column("reader", this::reader),
                Table.right("keeps", row -> bytes(row.path("retainedBytes"))),
                Table.column("log", row -> row.path("walStatus").asText()),
                Table.right(
                        "until its limit",
                        row -> row.hasNonNull("safeBytes") ? bytes(row.path("safeBytes")) : "no limit"));
    }

    private String reader(JsonNode slot) {
        if (slot.path("active").asBoolean()) {
            return "reading";
        }
        return slot.hasNonNull("inactiveSince")
                ? "nobody, since "
                        + Wording.time(
                                Instant.parse(slot.get("inactiveSince").asText()),
                                invocation.clock().getZone())
                : "nobody";
    }

    private void events(JsonNode events) {
        List<JsonNode> all = list(events);
        if (all.isEmpty()) {
            return;
        }
        Terminal terminal = invocation.terminal();
        terminal.print("");
        for (JsonNode event : all.subList(Math.max(0, all.size() - NEWEST_EVENTS), all.size())) {
            terminal.print(" "
                    + Wording.time(
                            Instant.parse(event.path("at").asText()),
                            invocation.clock().getZone())
                    + "  " + event.path("kind").asText() + "  "
                    + event.path("standby").asText() + "  "
                    + event.path("text").asText());
        }
    }

    private String mark(JsonNode judged) {
        Terminal terminal = invocation.terminal();
        return switch (judged.path("status").asText()) {
            case "alert" -> terminal.paint(Colour.RED, "✖");
            case "warn" -> terminal.paint(Colour.AMBER, "▲");
            default -> terminal.paint(Colour.GREEN, "●");
        };
    }

    private static String seconds(JsonNode seconds) {
        return seconds.isNumber() ? ReplicationReview.say(seconds.asDouble()) : "unknown";
    }

    private static String bytes(JsonNode bytes) {
        return bytes.isNumber() ? Bytes.of(bytes.asLong()).toString() : "unknown";
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> list = new ArrayList<>();
        array.forEach(list::add);
        return list;
    }
}
