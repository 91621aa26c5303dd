package io.watchkeeper.dsl;

import io.watchkeeper.alert.Alerts;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.replication.ReplicationSight;
import io.watchkeeper.toolkit.wal.WalReceivers;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the words of the language need from the agent.
 *
 * @param host this host's name, a label of every alert
 * @param workers streams of a copy that does not say how many; null for as many as pay
 * @param backups where backups are kept
 * @param receivers of the write-ahead log, in this process
 * @param sight how this process looks at replication
 * @param measurements what was measured before
 * @param cluster whether this host belongs to a cluster of agents
 * @param meta for tenants and migrations
 */
public record Toolbox(
        String host,
        Clock clock,
        Alerts alerts,
        CronSyntax cron,
        @Nullable Integer workers,
        BackupSettings backups,
        WalReceivers receivers,
        ReplicationSight sight,
        Measurements measurements,
        boolean cluster,
        MetaTools meta) {

    /** Of a process whose receivers end with the run that asked for them. */
    public Toolbox(
            String host,
            Clock clock,
            Alerts alerts,
            CronSyntax cron,
            @Nullable Integer workers,
            BackupSettings backups) {
        this(
                host,
                clock,
                alerts,
                cron,
                workers,
                backups,
                new WalReceivers(false, clock),
                new ReplicationSight(List.of(), backups.state(), new ReplicationBoard(), clock),
                Measurements.none(),
                false,
                MetaTools.NONE);
    }

    /** The same on a host that belongs to a cluster of agents, or not. */
    public Toolbox inCluster(boolean belongs) {
        return new Toolbox(host, clock, alerts, cron, workers, backups, receivers, sight, measurements, belongs, meta);
    }

    /** The same with another memory of what was measured. */
    public Toolbox remembering(Measurements memory) {
        return new Toolbox(host, clock, alerts, cron, workers, backups, receivers, sight, memory, cluster, meta);
    }

    /** The same with other tools for tenants and migrations. */
    public Toolbox with(MetaTools other) {
        return new Toolbox(host, clock, alerts, cron, workers, backups, receivers, sight, measurements, cluster, other);
    }

    /** What this process knows of replication. */
    public ReplicationBoard replication() {
        return sight.board();
    }
}
