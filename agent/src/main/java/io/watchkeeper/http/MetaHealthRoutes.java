package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.BackupState;
import io.watchkeeper.protection.Concern;
import io.watchkeeper.protection.DrillState;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.ProtectionReview;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/meta/health}: everything about the databases that has a limit, each judged {@code ok}, {@code warn} or {@code alert}. It
 * answers from what the agent knows and waits for no server.
 */
final class MetaHealthRoutes {

    private static final Set<Concern.Kind> ABOUT_DRILLS =
            Set.of(Concern.Kind.FAILED_DRILL, Concern.Kind.OLD_DRILL, Concern.Kind.NO_DRILL);

    private final HttpServer.Parts parts;

    MetaHealthRoutes(HttpServer.Parts parts) {
        this.parts = parts;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/meta/health", ctx -> {
            Query.of(ctx);
            health(ctx);
        });
    }

    private void health(Context ctx) {
        Judged judged = new Judged();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("status", "");
        document.put("servers", servers(judged));
        replication(document, judged);
        List<ServerUpkeep> upkeep = parts.upkeep().get();
        document.put("autovacuum", autovacuum(upkeep, parts.clock().instant(), judged));
        document.put("bloat", bloat(upkeep, judged));
        protection(document, judged);
        document.put("status", judged.worst.wireName());
        Json.send(ctx, document);
    }

    /** Whether they answer, those that have nothing else that could be judged, too. */
    private List<Object> servers(Judged judged) {
        List<Object> servers = new ArrayList<>();
        for (ReplicatingServer server : parts.replication().servers()) {
            Map<String, Object> element = new LinkedHashMap<>();
            element.put("database", server.database());
            element.put("at", server.at().toString());
            element.put("problem", server.problem());
            element.put("status", judged.as(ReplicationReview.reach(server)));
            servers.add(element);
        }
        return servers;
    }

    private void replication(Map<String, Object> document, Judged judged) {
        List<Object> replicas = new ArrayList<>();
        List<Object> slots = new ArrayList<>();
        for (ReplicatingServer server : parts.replication().servers()) {
            server.replicas().forEach(replica -> replicas.add(replica(server, replica, judged)));
            if (server.standby() && server.receiver() != null && !isKnownToItsPrimary(server.database())) {
                replicas.add(receiver(server, server.receiver(), judged));
            }
            Verdict disk = ReplicationReview.disk(server).worse(ReplicationReview.reach(server));
            server.slots().forEach(slot -> {
                Map<String, Object> element = ReplicationDocument.slot(server, slot);
                element.put("secondsToFull", server.secondsToFull());
                element.put("status", judged.as(disk.worse(ReplicationReview.of(slot))));
                slots.add(element);
            });
        }
        document.put("replication", replicas);
        document.put("slots", slots);
    }

    private boolean isKnownToItsPrimary(String standby) {
        return parts.replication().servers().stream()
                .anyMatch(server -> server.replica(standby).isPresent());
    }

    private Map<String, Object> replica(ReplicatingServer server, Replica replica, Judged judged) {
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("database", server.database());
        element.put("standby", replica.name());
        element.put("kind", ReplicationDocument.wire(replica.kind()));
        element.put("state", replica.connection());
        element.put("lagSeconds", ReplicationDocument.known(replica.seconds()));
        element.put("lagBytes", ReplicationDocument.known(replica.bytes().replay()));
        element.put("seenAt", replica.seenAt().toString());
        element.put(
                "status",
                judged.as(ReplicationReview.of(replica, parts.limits()).worse(ReplicationReview.reach(server))));
        return element;
    }

    /** As the standby says it itself: its primary is not among the databases of this host. */
    private Map<String, Object> receiver(
            ReplicatingServer standby, ReplicatingServer.Receiver receiver, Judged judged) {
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("database", receiver.from());
        element.put("standby", standby.database());
        element.put("kind", "physical");
        element.put("state", receiver.status());
        element.put("lagSeconds", ReplicationDocument.known(receiver.behindSeconds()));
        element.put("lagBytes", ReplicationDocument.known(receiver.behindBytes()));
        element.put("seenAt", standby.at().toString());
        element.put(
                "status",
                judged.as(
                        ReplicationReview.receiving(standby, parts.limits()).worse(ReplicationReview.reach(standby))));
        return element;
    }

    /** One for each server; the figures on top are those of the one that is worst off. */
    private static Map<String, Object> autovacuum(List<ServerUpkeep> upkeep, Instant now, Judged judged) {
        Map<String, Object> document = new LinkedHashMap<>();
        List<Map<String, Object>> servers =
                upkeep.stream().map(server -> autovacuum(server, now, judged)).toList();
        Verdict worst =
                upkeep.stream().map(server -> UpkeepReview.of(server, now)).reduce(Verdict.OK, Verdict::worse);
        document.put("status", worst.wireName());
        upkeep.stream()
                .max(Comparator.comparing((ServerUpkeep server) -> UpkeepReview.of(server, now))
                        .thenComparing(ServerUpkeep::oldestXidAge))
                .ifPresent(server -> autovacuum(server, now, judged).forEach(document::putIfAbsent));
        document.put("servers", servers);
        return document;
    }

    private static Map<String, Object> autovacuum(ServerUpkeep server, Instant now, Judged judged) {
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("database", server.database());
        element.put("at", server.at().toString());
        element.put("enabled", server.enabled());
        element.put("workersRunning", server.workers());
        element.put("workersMax", server.maxWorkers());
        element.put("longestSeconds", ReplicationDocument.known(server.longestSeconds()));
        element.put("longestTable", server.longestTable());
        element.put("oldestXidAge", server.oldestXidAge());
        element.put("freezeMaxAge", server.freezeMaxAge());
        element.put("status", judged.as(UpkeepReview.of(server, now)));
        return element;
    }

    private static List<Object> bloat(List<ServerUpkeep> upkeep, Judged judged) {
        List<Object> tables = new ArrayList<>();
        for (ServerUpkeep server : upkeep) {
            for (ServerUpkeep.Table table : server.tables()) {
                Map<String, Object> element = new LinkedHashMap<>();
                element.put("database", server.database());
                element.put("table", table.name());
                element.put("bytes", table.bytes());
                element.put("liveRows", table.liveRows());
                element.put("deadRows", table.deadRows());
                element.put("deadRatio", Math.round(table.deadRatio() * 10_000) / 1e4);
                // Said, so that nobody takes it for what a scan of the table would find.
                element.put("measuredBy", "statistics");
                element.put("status", judged.as(UpkeepReview.of(table)));
                tables.add(element);
            }
        }
        return tables;
    }

    private void protection(Map<String, Object> document, Judged judged) {
        Protection known;
        try {
            known = parts.protection().get();
        } catch (OperatorException e) {
            document.put("backups", List.of(unreadable(String.valueOf(e.getMessage()), judged)));
            document.put("drills", List.of());
            return;
        }
        Instant now = parts.clock().instant();
        List<Concern> concerns = ProtectionReview.concerns(known, now);
        Set<String> databases = known.databases();
        List<Object> backups = new ArrayList<>();
        List<Object> drills = new ArrayList<>();
        for (String database : databases) {
            backups.add(backup(known, database, concerns, now, judged));
            if (known.newestDrill(database).isPresent()
                    || concern(concerns, database, true).isPresent()) {
                drills.add(drill(known, database, concerns, now, judged));
            }
        }
        concern(concerns, "", false).ifPresent(none -> backups.add(unreadable(none.message(), judged)));
        document.put("backups", backups);
        document.put("drills", drills);
    }

    private static Map<String, Object> unreadable(String message, Judged judged) {
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("database", null);
        element.put("message", message);
        element.put("status", judged.as(Verdict.WARN));
        return element;
    }

    private static Map<String, Object> backup(
            Protection known, String database, List<Concern> concerns, Instant now, Judged judged) {
        Optional<BackupState> newest = known.newestGood(database, null);
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("database", database);
        element.put("kind", newest.map(BackupState::kind).orElse(null));
        element.put("id", newest.map(BackupState::id).orElse(null));
        element.put("finishedAt", newest.map(b -> b.finishedAt().toString()).orElse(null));
        element.put("ageSeconds", newest.map(b -> age(b.finishedAt(), now)).orElse(null));
        element.put(
                "recoverableTo",
                known.archive(database)
                        .map(a -> a.recoverableTo())
                        .map(Instant::toString)
                        .orElse(null));
        judge(element, concern(concerns, database, false), judged);
        return element;
    }

    private static Map<String, Object> drill(
            Protection known, String database, List<Concern> concerns, Instant now, Judged judged) {
        Optional<DrillState> newest = known.newestDrill(database);
        Map<String, Object> element = new LinkedHashMap<>();
        element.put("database", database);
        element.put("at", newest.map(d -> d.at().toString()).orElse(null));
        element.put("ageSeconds", newest.map(d -> age(d.at(), now)).orElse(null));
        element.put("passed", newest.map(DrillState::passed).orElse(null));
        element.put("rpoSeconds", newest.map(DrillState::rpoSeconds).orElse(null));
        element.put("rtoSeconds", newest.map(DrillState::rtoSeconds).orElse(null));
        judge(element, concern(concerns, database, true), judged);
        return element;
    }

    private static void judge(Map<String, Object> element, Optional<Concern> concern, Judged judged) {
        element.put("message", concern.map(Concern::message).orElse(null));
        Verdict verdict =
                concern.map(c -> c.urgent() ? Verdict.ALERT : Verdict.WARN).orElse(Verdict.OK);
        element.put("status", judged.as(verdict));
    }

    /** The worst one: they are sorted. */
    private static Optional<Concern> concern(List<Concern> concerns, String database, boolean aboutDrills) {
        Stream<Concern> matching = concerns.stream()
                .filter(c -> c.database().equals(database) && ABOUT_DRILLS.contains(c.kind()) == aboutDrills);
        return matching.findFirst();
    }

    private static @Nullable Long age(Instant at, Instant now) {
        return Math.max(0, Duration.between(at, now).toSeconds());
    }

    /** Remembers the worst verdict it has spelt. */
    private static final class Judged {

        private Verdict worst = Verdict.OK;

        String as(Verdict verdict) {
            worst = worst.worse(verdict);
            return verdict.wireName();
        }
    }
}
