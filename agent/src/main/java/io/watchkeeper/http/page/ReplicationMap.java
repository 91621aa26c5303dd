package io.watchkeeper.http.page;

import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.Verdict;
import io.watchkeeper.runbook.TableState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The way of the data from shore to the ships, as a tree: who gets it from whom by replication, or table by table, and how old it is there.
 * A nested list that the style sheet draws lines into, so that it is read aloud as it is seen, and fits a phone.
 */
final class ReplicationMap {

    private final ReplicationBoard board;
    private final ReplicationLimits limits;
    private final Map<String, Map<String, List<TableState>>> synced;
    private final Set<String> drawn = new HashSet<>();
    private final Saying say;
    private final Words words;

    private ReplicationMap(ReplicationBoard board, ReplicationLimits limits, List<TableState> tables, Saying say) {
        this.board = board;
        this.limits = limits;
        this.say = say;
        this.words = say.words();
        this.synced = tables.stream()
                .filter(table -> table.source() != null)
                .collect(Collectors.groupingBy(
                        table -> Objects.requireNonNull(table.source()),
                        TreeMap::new,
                        Collectors.groupingBy(TableState::database, TreeMap::new, Collectors.toList())));
    }

    static Html of(ReplicationBoard board, ReplicationLimits limits, List<TableState> tables, Saying say) {
        return new ReplicationMap(board, limits, tables, say).html();
    }

    private Html html() {
        List<Html> trees = new ArrayList<>();
        for (String root : roots()) {
            Html branches = branches(root);
            if (!branches.isEmpty()) {
                trees.add(Html.of(
                        "<li><span class=\"node root\"><b>{}</b> <span class=\"since\">{}</span></span>{}</li>\n",
                        root,
                        words.say("map.source"),
                        branches));
            }
        }
        return trees.isEmpty()
                ? Html.EMPTY
                : Html.of("<ul class=\"map\" aria-label=\"{}\">{}</ul>", words.say("map.title"), trees);
    }

    /** Who gets its data from nobody that is known here. */
    private Set<String> roots() {
        Set<String> roots = new TreeSet<>(synced.keySet());
        Set<String> fed = new HashSet<>();
        for (ReplicatingServer server : board.servers()) {
            roots.add(server.database());
            server.replicas().forEach(replica -> fed.add(replica.name()));
        }
        synced.values().forEach(targets -> fed.addAll(targets.keySet()));
        Set<String> unfed = new TreeSet<>(roots);
        unfed.removeAll(fed);
        // Two that copy from each other have no beginning: then each is one.
        return unfed.isEmpty() ? roots : unfed;
    }

    private Html branches(String name) {
        if (!drawn.add(name)) {
            return Html.EMPTY;
        }
        List<Html> branches = new ArrayList<>();
        board.server(name).ifPresent(server -> server.replicas().forEach(replica -> branches.add(replica(replica))));
        synced.getOrDefault(name, Map.of()).forEach((target, tables) -> branches.add(synced(target, tables)));
        return branches.isEmpty() ? Html.EMPTY : Html.of("<ul>{}</ul>", branches);
    }

    private Html replica(Replica replica) {
        Verdict verdict = ReplicationReview.of(replica, limits);
        String behind = replica.seconds() < 0
                ? words.say("lag.unknown")
                : words.say("map.behind", ReplicationReview.say(replica.seconds()));
        String how = replica.isConnected() ? replica.connection() : Replica.DISCONNECTED;
        return node(
                replica.isConnected() ? "" : "away",
                replica.name(),
                words.say(replica.kind() == Replica.Kind.LOGICAL ? "map.logical" : "map.physical"),
                Html.of("{}, {}", words.say("replication.state." + how), say.judged(verdict, behind)));
    }

    private Html synced(String target, List<TableState> tables) {
        Html age = tables.stream()
                .map(TableState::syncedAt)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .map(oldest -> Html.of("{} {}", words.say("map.oldest"), say.ago(oldest)))
                .orElse(Html.text(words.say("sync.never")));
        long different = tables.stream()
                .filter(table -> table.differences() != null && table.differences() > 0)
                .count();
        return node(
                "synced",
                target,
                words.count("map.tables", tables.size()),
                Html.of(
                        "{}{}",
                        age,
                        different == 0
                                ? Html.EMPTY
                                : Html.of(" {}", say.mark("failed", "✖", words.count("map.different", different)))));
    }

    private Html node(String kind, String name, String how, Html standing) {
        return Html.of(
                "<li class=\"{}\"><span class=\"node\"><b>{}</b> <span class=\"since\">{}</span> <span class=\"standing\">{}</span></span>{}</li>\n",
                kind,
                name,
                how,
                standing,
                branches(name));
    }
}
