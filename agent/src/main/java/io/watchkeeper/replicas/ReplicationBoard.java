package io.watchkeeper.replicas;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What this process knows of replication: each server as it was last seen, how far its replicas were behind in the last hours, and what
 * was done about it. Whoever looks at a server notes it here, page and metrics read it. Safe for several threads.
 */
public final class ReplicationBoard {

    /** How long lag is remembered. */
    public static final Duration KEPT = Duration.ofHours(6);

    /** Samples closer together than this take the place of the one before: a run may look every second. */
    private static final Duration CLOSEST = Duration.ofSeconds(5);

    private static final int MOST_EVENTS = 500;

    private final Map<String, ReplicatingServer> servers = new TreeMap<>();
    private final Map<String, Map<String, Deque<LagSample>>> lag = new TreeMap<>();
    private final Deque<RemedyEvent> events = new ArrayDeque<>();

    /** Takes the place of what was known of the server. */
    public synchronized void note(ReplicatingServer server) {
        servers.put(server.database(), server);
        if (server.problem() != null) {
            return;
        }
        Map<String, Deque<LagSample>> all = lag.computeIfAbsent(server.database(), name -> new TreeMap<>());
        for (Replica replica : server.replicas()) {
            Deque<LagSample> samples = all.computeIfAbsent(replica.name(), name -> new ArrayDeque<>());
            LagSample before = samples.peekLast();
            if (samples.size() > 1 && before != null && tooClose(samples, before)) {
                samples.removeLast();
            }
            samples.addLast(new LagSample(
                    server.at(), replica.seconds(), replica.bytes().replay()));
        }
        Instant oldest = server.at().minus(KEPT);
        all.values().forEach(samples -> samples.removeIf(sample -> sample.at().isBefore(oldest)));
        all.values().removeIf(Deque::isEmpty);
    }

    /** Whether the newest sample may be replaced: the one before it is near enough to stand for the time between. */
    private static boolean tooClose(Deque<LagSample> samples, LagSample newest) {
        var backwards = samples.descendingIterator();
        backwards.next();
        return Duration.between(backwards.next().at(), newest.at()).compareTo(CLOSEST) < 0;
    }

    public synchronized void event(RemedyEvent event) {
        events.addLast(event);
        if (events.size() > MOST_EVENTS) {
            events.removeFirst();
        }
    }

    /** By name. */
    public synchronized List<ReplicatingServer> servers() {
        return List.copyOf(servers.values());
    }

    public synchronized Optional<ReplicatingServer> server(String database) {
        return Optional.ofNullable(servers.get(database));
    }

    /** Oldest first. */
    public synchronized List<LagSample> samples(String database, String replica) {
        Deque<LagSample> samples = lag.getOrDefault(database, Map.of()).get(replica);
        return samples == null ? List.of() : List.copyOf(samples);
    }

    /** Oldest first. */
    public synchronized List<RemedyEvent> events() {
        return new ArrayList<>(events);
    }
}
