package io.watchkeeper.replicas;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts together what a look at a server might have found, for those who only show it. */
public final class MadeUpServer {

    private final String database;
    private final Instant at;
    private final List<Replica> replicas = new ArrayList<>();
    private final List<ReplicationSlot> slots = new ArrayList<>();
    private final Map<String, Long> conflicts = new LinkedHashMap<>();
    private boolean standby;
    private @Nullable Double secondsToFull;
    private ReplicatingServer.@Nullable Receiver receiver;
    private @Nullable String problem;

    public MadeUpServer(String database, Instant at) {
        this.database = database;
        this.at = at;
    }

    /** A connected standby, with what it has not replayed. */
    public MadeUpServer standby(String name, double seconds, long bytes) {
        replicas.add(new Replica(
                name,
                Replica.Kind.PHYSICAL,
                "streaming",
                "async",
                "watchkeeper_" + name,
                "10.0.0.2",
                new LagBytes(0, bytes / 4, bytes / 2, bytes),
                seconds,
                at));
        return this;
    }

    /** A replica that was last there so long ago. */
    public MadeUpServer away(String name, Replica.Kind kind, Duration since) {
        replicas.add(new Replica(
                name,
                kind,
                Replica.DISCONNECTED,
                "",
                "watchkeeper_" + name,
                null,
                new LagBytes(-1, -1, 4_096, 8_192),
                since.toSeconds(),
                at.minus(since)));
        return this;
    }

    public MadeUpServer slot(String name, boolean active, long retained, String walStatus, long safe) {
        slots.add(new ReplicationSlot(
                name,
                Replica.Kind.PHYSICAL,
                active,
                active ? null : at.minus(Duration.ofHours(3)),
                retained,
                walStatus,
                safe,
                null));
        return this;
    }

    public MadeUpServer fullIn(double seconds) {
        secondsToFull = seconds;
        return this;
    }

    /** Makes it a standby. @param behindSeconds negative for one that nobody sends to */
    public MadeUpServer receiving(double behindSeconds, boolean paused) {
        standby = true;
        receiver = behindSeconds < 0
                ? null
                : new ReplicatingServer.Receiver("streaming", "10.0.0.1:5432", 1_000, behindSeconds, paused);
        return this;
    }

    public MadeUpServer conflicts(String kind, long count) {
        conflicts.put(kind, count);
        return this;
    }

    public MadeUpServer problem(String why) {
        problem = why;
        return this;
    }

    public ReplicatingServer build() {
        return new ReplicatingServer(
                database,
                at,
                standby,
                "0/8F3A2C10",
                replicas,
                slots,
                48L << 20,
                secondsToFull,
                receiver,
                conflicts,
                problem);
    }
}
