package io.watchkeeper.doctor;

import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationConcern;
import io.watchkeeper.replicas.ReplicationLimits;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.ReplicationSlot;
import io.watchkeeper.units.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Whether replicas keep up, and whether what is kept for them can fill a disk. Says nothing where nothing replicates. */
final class ReplicationCheck implements HealthCheck {

    private final Supplier<List<ReplicatingServer>> look;
    private final ReplicationLimits limits;
    private final List<Finding> findings = new ArrayList<>();

    /** @param look at every configured database; one that cannot be looked at has a problem, which its own check tells of */
    ReplicationCheck(Supplier<List<ReplicatingServer>> look, ReplicationLimits limits) {
        this.look = look;
        this.limits = limits;
    }

    @Override
    public String subject() {
        return "replication";
    }

    @Override
    public List<Finding> examine() {
        List<ReplicatingServer> servers =
                look.get().stream().filter(server -> server.problem() == null).toList();
        List<ReplicationConcern> concerns = ReplicationReview.concerns(servers, limits);
        for (ReplicatingServer server : servers) {
            boolean well = concerns.stream().noneMatch(c -> c.database().equals(server.database()));
            summary(server).filter(text -> well).ifPresent(text -> findings.add(Finding.green(subject(), text)));
        }
        for (ReplicationConcern concern : concerns) {
            Finding.Level level = concern.urgent() ? Finding.Level.RED : Finding.Level.AMBER;
            findings.add(new Finding(level, subject(), concern.message(), concern.hint()));
        }
        servers.forEach(this::unlimited);
        servers.forEach(this::conflicts);
        return findings;
    }

    private Optional<String> summary(ReplicatingServer server) {
        List<String> parts = new ArrayList<>();
        ReplicatingServer.Receiver receiver = server.receiver();
        if (receiver != null) {
            parts.add("receives its log (" + receiver.status() + "), "
                    + ReplicationReview.say(receiver.behindBytes() == 0 ? 0 : receiver.behindSeconds()) + " behind");
        }
        if (!server.replicas().isEmpty()) {
            Replica last = server.replicas().stream()
                    .max(Comparator.comparingDouble(Replica::seconds))
                    .orElseThrow();
            int count = server.replicas().size();
            parts.add((count == 1 ? "1 replica" : count + " replicas") + ", " + last.name() + " "
                    + (last.seconds() < 0 ? "an unknown time" : ReplicationReview.say(last.seconds())) + " behind");
        }
        if (!server.slots().isEmpty()) {
            long most = server.slots().stream()
                    .mapToLong(ReplicationSlot::retainedBytes)
                    .max()
                    .orElse(0);
            parts.add("slots keep at most " + Bytes.of(most) + " of log");
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(server.database() + ": " + String.join(", ", parts));
    }

    private void unlimited(ReplicatingServer server) {
        List<String> names = server.slots().stream()
                .filter(slot -> slot.safeBytes() < 0 && !slot.walStatus().equals("lost"))
                .map(ReplicationSlot::name)
                .toList();
        if (!names.isEmpty()) {
            findings.add(Finding.amber(
                    subject(),
                    server.database() + " keeps log for slots without a limit: " + String.join(", ", names),
                    "one that nobody reads fills the disk: ALTER SYSTEM SET max_slot_wal_keep_size = '20GB';"
                            + " SELECT pg_reload_conf(); as much as the disk can spare."));
        }
    }

    private void conflicts(ReplicatingServer server) {
        long count =
                server.conflicts().values().stream().mapToLong(Long::longValue).sum();
        if (count > 0) {
            String kinds = server.conflicts().entrySet().stream()
                    .filter(entry -> entry.getValue() > 0)
                    .sorted(Map.Entry.comparingByKey())
                    .map(entry -> entry.getKey() + " " + entry.getValue())
                    .collect(Collectors.joining(", "));
            findings.add(Finding.amber(
                    subject(),
                    (count == 1 ? "1 query was" : count + " queries were") + " cancelled on " + server.database()
                            + " in favour of replay since its statistics began: " + kinds,
                    "hot_standby_feedback = on spares them and lets the primary bloat; a longer"
                            + " max_standby_streaming_delay spares them and lets the standby fall behind."));
        }
    }
}
