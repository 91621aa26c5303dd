package io.watchkeeper.http.page;

import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import java.util.ArrayList;
import java.util.List;

/** Who gets the log of a server, and how far behind it is. */
public final class ReplicaTable {

    private final ReplicationLimits limits;
    private final Saying say;
    private final Words words;

    private ReplicaTable(ReplicationLimits limits, Saying say) {
        this.limits = limits;
        this.say = say;
        this.words = say.words();
    }

    public static Html of(List<ReplicaRow> rows, ReplicationLimits limits, Sorting sorting, Saying say) {
        return rows.isEmpty()
                ? ListPage.nothing(sorting, say.words().say("replication.noReplicas"), say.words())
                : new ReplicaTable(limits, say).table(rows, sorting);
    }

    private Html table(List<ReplicaRow> rows, Sorting sorting) {
        return Html.of(
                """
                <table class="replicas stacked">
                <thead><tr>{}{}{}{}</tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                sorting.head("name", words.say("replication.standby")),
                sorting.head("lagSeconds", words.say("replication.behind")),
                sorting.head("connection", words.say("replication.connection")),
                sorting.head("lagBytes", words.say("replication.stages")),
                rows.stream().map(this::row).toList());
    }

    private Html row(ReplicaRow row) {
        Replica replica = row.replica();
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}</span></th>
                <td data-label="{}">{}</td>
                <td data-label="{}">{}</td>
                <td data-label="{}">{}</td></tr>
                """,
                replica.name(),
                words.say("replication.of." + kind(replica), row.database()),
                words.say("replication.behind"),
                say.judged(
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
}
