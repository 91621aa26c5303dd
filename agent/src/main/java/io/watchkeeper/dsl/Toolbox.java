package io.watchkeeper.dsl;

import io.watchkeeper.alert.Alerts;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.wal.WalReceivers;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * What the words of the language need from the agent.
 *
 * @param host this host's name, a label of every alert
 * @param workers streams of a copy that does not say how many; null for as many as pay
 * @param backups where backups are kept
 * @param receivers of the write-ahead log, in this process
 * @param replication what this process knows of it
 */
public record Toolbox(
        String host,
        Clock clock,
        Alerts alerts,
        CronSyntax cron,
        @Nullable Integer workers,
        BackupSettings backups,
        WalReceivers receivers,
        ReplicationBoard replication) {

    /** Of a process whose receivers end with the run that asked for them. */
    public Toolbox(
            String host,
            Clock clock,
            Alerts alerts,
            CronSyntax cron,
            @Nullable Integer workers,
            BackupSettings backups) {
        this(host, clock, alerts, cron, workers, backups, new WalReceivers(false, clock), new ReplicationBoard());
    }
}
