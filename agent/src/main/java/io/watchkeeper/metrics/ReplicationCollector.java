package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.replicas.LagBytes;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationSlot;
import java.util.List;

/** How far replicas are behind and what slots keep for them, as the agent saw it last. */
final class ReplicationCollector extends Collector {

    private static final List<String> BY_STANDBY = List.of("database", "standby");
    private static final List<String> BY_SLOT = List.of("database", "slot");
    private static final List<String> BY_DATABASE = List.of("database");

    private final ReplicationBoard board;

    ReplicationCollector(ReplicationBoard board) {
        this.board = board;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        Families families = new Families();
        for (ReplicatingServer server : board.servers()) {
            server.replicas().forEach(replica -> families.add(server.database(), replica));
            server.slots().forEach(slot -> families.add(server.database(), slot));
            families.add(server);
            if (server.standby() && !isKnownToItsPrimary(server.database())) {
                families.addOwnLag(server);
            }
        }
        return families.all();
    }

    private boolean isKnownToItsPrimary(String standby) {
        return board.servers().stream()
                .anyMatch(server -> server.replica(standby).isPresent());
    }

    /** What is not known has no series: 0 would be a lie. */
    private static final class Families {

        private final GaugeMetricFamily seconds = new GaugeMetricFamily(
                "watchkeeper_replication_lag_seconds",
                "How far a standby or subscriber is behind; grows while it is away",
                BY_STANDBY);
        private final GaugeMetricFamily bytes = new GaugeMetricFamily(
                "watchkeeper_replication_lag_bytes",
                "Log that has not got through a stage: sent, write, flush, replay",
                List.of("database", "standby", "stage"));
        private final GaugeMetricFamily connected = new GaugeMetricFamily(
                "watchkeeper_replication_connected", "Whether a standby or subscriber is connected", BY_STANDBY);
        private final GaugeMetricFamily retained = new GaugeMetricFamily(
                "watchkeeper_slot_retained_bytes", "Log that stays because of slots as old as this one", BY_SLOT);
        private final GaugeMetricFamily active =
                new GaugeMetricFamily("watchkeeper_slot_active", "Whether somebody reads the slot", BY_SLOT);
        private final GaugeMetricFamily lost = new GaugeMetricFamily(
                "watchkeeper_slot_lost", "Whether log is gone that the slot's replica still needs", BY_SLOT);
        private final GaugeMetricFamily full = new GaugeMetricFamily(
                "watchkeeper_wal_seconds_to_full",
                "Until slots will have filled the disk at the present rate; absent when that is not in sight",
                BY_DATABASE);
        private final GaugeMetricFamily wal =
                new GaugeMetricFamily("watchkeeper_wal_bytes", "What the server's log takes on disk", BY_DATABASE);
        private final GaugeMetricFamily paused = new GaugeMetricFamily(
                "watchkeeper_replay_paused", "Whether somebody has paused replay on this standby", BY_DATABASE);
        private final CounterMetricFamily conflicts = new CounterMetricFamily(
                "watchkeeper_recovery_conflicts_total",
                "Queries cancelled on a standby because replay needed their rows or locks, as the server counts them",
                List.of("database", "kind"));
        private final GaugeMetricFamily probed = new GaugeMetricFamily(
                "watchkeeper_replication_probe_timestamp_seconds",
                "When the server was last looked at, whether or not it answered",
                BY_DATABASE);
        private final GaugeMetricFamily reachable = new GaugeMetricFamily(
                "watchkeeper_replication_probe_success",
                "Whether the server answered when it was last looked at",
                BY_DATABASE);

        void add(String database, Replica replica) {
            List<String> labels = List.of(database, replica.name());
            if (replica.seconds() >= 0) {
                seconds.addMetric(labels, replica.seconds());
            }
            connected.addMetric(labels, flag(replica.isConnected()));
            LagBytes behind = replica.bytes();
            stage(labels, "sent", behind.sent());
            stage(labels, "write", behind.write());
            stage(labels, "flush", behind.flush());
            stage(labels, "replay", behind.replay());
        }

        private void stage(List<String> labels, String stage, long behind) {
            if (behind >= 0) {
                bytes.addMetric(List.of(labels.get(0), labels.get(1), stage), (double) behind);
            }
        }

        /** Of a standby whose primary this agent does not look at: what it says itself, under its own name. */
        void addOwnLag(ReplicatingServer standby) {
            ReplicatingServer.Receiver receiver = standby.receiver();
            List<String> labels = List.of(standby.database(), standby.database());
            connected.addMetric(labels, flag(receiver != null));
            if (receiver != null) {
                stage(labels, "replay", receiver.behindBytes());
                if (receiver.behindSeconds() >= 0) {
                    seconds.addMetric(labels, receiver.behindSeconds());
                }
            }
        }

        void add(String database, ReplicationSlot slot) {
            List<String> labels = List.of(database, slot.name());
            retained.addMetric(labels, (double) slot.retainedBytes());
            active.addMetric(labels, flag(slot.active()));
            lost.addMetric(labels, flag(slot.walStatus().equals("lost")));
        }

        void add(ReplicatingServer server) {
            List<String> labels = List.of(server.database());
            if (server.secondsToFull() != null) {
                full.addMetric(labels, server.secondsToFull());
            }
            if (server.walBytes() >= 0) {
                wal.addMetric(labels, (double) server.walBytes());
            }
            if (server.receiver() != null) {
                paused.addMetric(labels, flag(server.receiver().paused()));
            }
            server.conflicts()
                    .forEach((kind, count) -> conflicts.addMetric(List.of(server.database(), kind), (double) count));
            probed.addMetric(labels, server.at().toEpochMilli() / 1e3);
            reachable.addMetric(labels, flag(server.problem() == null));
        }

        List<MetricFamilySamples> all() {
            return List.of(
                    seconds, bytes, connected, retained, active, lost, full, wal, paused, conflicts, probed, reachable);
        }

        private static double flag(boolean is) {
            return is ? 1 : 0;
        }
    }
}
