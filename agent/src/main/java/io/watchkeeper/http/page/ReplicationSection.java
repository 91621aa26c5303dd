package io.watchkeeper.http.page;

import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.replicas.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who gets the log of which server, how far behind it is, and what is kept for it. */
final class ReplicationSection {

    private final ReplicationBoard board;
    private final ReplicationLimits limits;
    private final Saying say;
    private final Words words;

    private ReplicationSection(ReplicationBoard board, ReplicationLimits limits, Saying say) {
        this.board = board;
        this.limits = limits;
        this.say = say;
        this.words = say.words();
    }

    static Html of(ReplicationBoard board, ReplicationLimits limits, Saying say) {
        return new ReplicationSection(board, limits, say).html();
    }

    private Html html() {
        List<ReplicatingServer> servers =
                board.servers().stream().filter(ReplicationSection::replicates).toList();
        if (servers.isEmpty()) {
            return Html.of("<p class=\"empty\">{}</p>", words.say("replication.none"));
        }
        return Html.of(
                "{}{}{}{}",
                LagChart.of(board, limits, say),
                replicas(servers),
                slots(servers),
                servers.stream().map(this::aside).toList());
    }

    private static boolean replicates(ReplicatingServer server) {
        return server.standby()
                || !server.replicas().isEmpty()
                || !server.slots().isEmpty();
    }

    // ---- who is behind

    private Html replicas(List<ReplicatingServer> servers) {
        List<Html> rows = new ArrayList<>();
        for (ReplicatingServer server : servers) {
            server.replicas().forEach(replica -> rows.add(replica(server, replica)));
        }
        if (rows.isEmpty()) {
            return Html.EMPTY;
        }
        return Html.of(
                """
                <table class="replicas stacked">
                <thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th>\
                <th scope="col">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                words.say("replication.standby"),
                words.say("replication.behind"),
                words.say("replication.connection"),
                words.say("replication.stages"),
                rows);
    }

    private Html replica(ReplicatingServer server, Replica replica) {
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}</span></th>
                <td data-label="{}">{}</td>
                <td data-label="{}">{}</td>
                <td data-label="{}">{}</td></tr>
                """,
                replica.name(),
                words.say("replication.of." + kind(replica), server.database()),
                words.say("replication.behind"),
                judged(
                        ReplicationReview.of(replica, limits),
                        replica.seconds() < 0 ? words.say("lag.unknown") : ReplicationReview.say(replica.seconds())),
                words.say("replication.connection"),
                connection(replica),
                words.say("replication.stages"),
                stages(replica.bytes()));
    }

    private static String kind(Replica replica) {
        return replica.kind() == Replica.Kind.LOGICAL ? "logical" : "physical";
    }

    private Html connection(Replica replica) {
        if (replica.isConnected()) {
            return Html.of(
                    "{} <span class=\"since\">{}</span>",
                    say.mark("running", "●", words.say("replication.state." + replica.connection())),
                    replica.syncState().equals("async") ? "" : replica.syncState());
        }
        return Html.of(
                "{} <span class=\"age\">{} {}</span>",
                say.mark("skipped", "○", words.say("replication.state.disconnected")),
                words.say("replication.lastSeen"),
                say.ago(replica.seenAt()));
    }

    /** Each stage holds what the ones before it hold, so the first that grows is the one to look at. */
    private Html stages(LagBytes bytes) {
        if (bytes.replay() == 0) {
            return Html.of("<span class=\"never\">{}</span>", words.say("replication.nothing"));
        }
        if (bytes.replay() < 0) {
            return Html.of("<span class=\"never\">{}</span>", words.say("lag.unknown"));
        }
        List<Html> parts = new ArrayList<>();
        stage(parts, "sent", bytes.sent());
        stage(parts, "write", bytes.write());
        stage(parts, "flush", bytes.flush());
        stage(parts, "replay", bytes.replay());
        return Html.join(Html.text(" "), parts);
    }

    private void stage(List<Html> parts, String stage, long bytes) {
        if (bytes >= 0) {
            parts.add(Html.of(
                    "<span class=\"part\"><span class=\"since\">{}</span> {}</span>",
                    words.say("replication.stage." + stage),
                    say.bytes(bytes)));
        }
    }

    // ---- what is kept

    private Html slots(List<ReplicatingServer> servers) {
        List<Html> rows = new ArrayList<>();
        for (ReplicatingServer server : servers) {
            server.slots().forEach(slot -> rows.add(slot(server, slot)));
        }
        if (rows.isEmpty()) {
            return Html.EMPTY;
        }
        return Html.of(
                """
                <table class="slots stacked">
                <thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th>\
                <th scope="col">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                words.say("replication.slot"),
                words.say("replication.keeps"),
                words.say("replication.reader"),
                words.say("replication.wal"),
                rows);
    }

    private Html slot(ReplicatingServer server, ReplicationSlot slot) {
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}</span></th>
                <td data-label="{}">{}</td>
                <td data-label="{}">{}</td>
                <td data-label="{}">{}</td></tr>
                """,
                slot.name(),
                words.say("replication.at", server.database()),
                words.say("replication.keeps"),
                say.bytes(slot.retainedBytes()),
                words.say("replication.reader"),
                reader(slot),
                words.say("replication.wal"),
                judged(ReplicationReview.of(slot), wal(slot)));
    }

    private Html reader(ReplicationSlot slot) {
        if (slot.active()) {
            return say.mark("running", "●", words.say("replication.active"));
        }
        Html mark = say.mark("skipped", "○", words.say("replication.inactive"));
        return slot.inactiveSince() == null
                ? mark
                : Html.of("{} <span class=\"age\">{}</span>", mark, say.ago(slot.inactiveSince()));
    }

    private String wal(ReplicationSlot slot) {
        String status = slot.walStatus().isEmpty()
                ? words.say("replication.wal.none")
                : words.say("replication.wal." + slot.walStatus());
        return slot.safeBytes() < 0
                ? status + ", " + words.say("replication.noLimit")
                : status + ", " + words.say("replication.left", say.bytes(slot.safeBytes()));
    }

    // ---- the server itself

    private Html aside(ReplicatingServer server) {
        List<Html> said = new ArrayList<>();
        if (server.problem() != null) {
            said.add(Html.of("{} {}", words.say("replication.problem"), server.problem()));
        }
        if (server.secondsToFull() != null) {
            said.add(judged(
                    ReplicationReview.disk(server),
                    words.say("replication.full", say.coarse(Duration.ofSeconds(Math.round(server.secondsToFull()))))));
        }
        ReplicatingServer.Receiver receiver = server.receiver();
        if (receiver != null) {
            said.add(judged(
                    ReplicationReview.receiving(server, limits),
                    words.say(
                            receiver.paused() ? "replication.paused" : "replication.receives",
                            receiver.from().isEmpty() ? "–" : receiver.from(),
                            ReplicationReview.say(receiver.behindBytes() == 0 ? 0 : receiver.behindSeconds()))));
        } else if (server.standby()) {
            said.add(judged(Verdict.WARN, words.say("replication.noReceiver")));
        }
        long conflicts =
                server.conflicts().values().stream().mapToLong(Long::longValue).sum();
        if (conflicts > 0) {
            said.add(Html.text(words.say("replication.conflicts", words.number(conflicts), kinds(server))));
        }
        return said.isEmpty()
                ? Html.EMPTY
                : Html.of("<p class=\"aside\"><b>{}</b> {}</p>", server.database(), Html.join(Html.text(" · "), said));
    }

    private static String kinds(ReplicatingServer server) {
        return String.join(
                ", ",
                server.conflicts().entrySet().stream()
                        .filter(entry -> entry.getValue() > 0)
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .toList());
    }

    private Html judged(Verdict verdict, String text) {
        return switch (verdict) {
            case OK -> Html.text(text);
            case WARN -> say.mark("timedout", "▲", text);
            case ALERT -> say.mark("failed", "✖", text);
        };
    }
}
