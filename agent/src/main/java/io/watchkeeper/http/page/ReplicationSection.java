package io.watchkeeper.http.page;

import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.Verdict;
import io.watchkeeper.runbook.TableState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who gets the log of which server, how far behind it is, and what is kept for it. */
final class ReplicationSection {

    private final ReplicationBoard board;
    private final ReplicationLimits limits;
    private final List<TableState> tables;
    private final Saying say;
    private final Words words;

    private ReplicationSection(ReplicationBoard board, ReplicationLimits limits, List<TableState> tables, Saying say) {
        this.board = board;
        this.limits = limits;
        this.tables = tables;
        this.say = say;
        this.words = say.words();
    }

    /** @param tables that are kept the same without replication, for the map */
    static Html of(ReplicationBoard board, ReplicationLimits limits, List<TableState> tables, Saying say) {
        return new ReplicationSection(board, limits, tables, say).html();
    }

    private Html html() {
        List<ReplicatingServer> servers =
                board.servers().stream().filter(ReplicationSection::replicates).toList();
        if (servers.isEmpty() && tables.stream().allMatch(table -> table.source() == null)) {
            return Html.of("<p class=\"empty\">{}</p>", words.say("replication.none"));
        }
        List<ReplicaRow> replicas = ReplicaRow.of(board);
        List<SlotRow> slots = SlotRow.of(board);
        return Html.of(
                "{}{}{}{}{}",
                ReplicationMap.of(board, limits, tables, say),
                LagChart.of(board, limits, say),
                ReplicaTable.of(replicas, limits, Sorting.usual("/replicas"), say)
                        .when(!replicas.isEmpty()),
                SlotTable.of(slots, Sorting.usual("/slots"), say).when(!slots.isEmpty()),
                servers.stream().map(this::aside).toList());
    }

    private static boolean replicates(ReplicatingServer server) {
        return server.standby()
                || !server.replicas().isEmpty()
                || !server.slots().isEmpty();
    }

    // ---- the server itself

    private Html aside(ReplicatingServer server) {
        List<Html> said = new ArrayList<>();
        if (server.problem() != null) {
            said.add(Html.of("{} {}", words.say("replication.problem"), server.problem()));
        }
        if (server.secondsToFull() != null) {
            said.add(say.judged(
                    ReplicationReview.disk(server),
                    words.say("replication.full", say.coarse(Duration.ofSeconds(Math.round(server.secondsToFull()))))));
        }
        ReplicatingServer.Receiver receiver = server.receiver();
        if (receiver != null) {
            said.add(say.judged(
                    ReplicationReview.receiving(server, limits),
                    words.say(
                            receiver.paused() ? "replication.paused" : "replication.receives",
                            receiver.from().isEmpty() ? "–" : receiver.from(),
                            ReplicationReview.say(receiver.behindBytes() == 0 ? 0 : receiver.behindSeconds()))));
        } else if (server.standby()) {
            said.add(say.judged(Verdict.WARN, words.say("replication.noReceiver")));
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
}
