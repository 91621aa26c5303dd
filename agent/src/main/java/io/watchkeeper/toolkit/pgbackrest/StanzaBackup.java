package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.postgres.Lsn;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup that pgBackRest holds, as {@code pgbackrest info} says.
 *
 * @param label its name, such as {@code 20261121-150621F}
 * @param repo the number of the repository that holds it
 * @param databaseId which of the stanza's histories it belongs to; a new one begins with an upgrade or a new system
 * @param start null when an older pgBackRest made it
 * @param walStart the first segment it needs; null when it was made from a server that stood still
 * @param bytes of the cluster
 * @param newBytes of the cluster that this backup copied
 * @param repoBytes in the repository, of all that a restore would read; -1 where pgBackRest does not say
 * @param newRepoBytes in the repository, of what this backup added
 * @param damagedPages whether the server's pages had wrong checksums when it was made
 * @param prior the backup it stands on; null for a full one
 * @param references all the backups that a restore would read, beside this one
 */
public record StanzaBackup(
        String label,
        Type type,
        int repo,
        long databaseId,
        @Nullable Lsn start,
        @Nullable Lsn stop,
        @Nullable String walStart,
        @Nullable String walStop,
        Instant startedAt,
        Instant finishedAt,
        long bytes,
        long newBytes,
        long repoBytes,
        long newRepoBytes,
        boolean damagedPages,
        @Nullable String prior,
        List<String> references,
        String tool) {

    /** How much of the cluster a backup holds by itself. */
    public enum Type {
        FULL,
        /** What has changed since the last full one. */
        DIFF,
        /** What has changed since the last one of any type. */
        INCR;

        /** As pgBackRest calls it. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public StanzaBackup {
        references = List.copyOf(references);
    }

    /** The label of the full backup that it stands on, its own for a full one. */
    public String fullLabel() {
        int dependent = label.indexOf('_');
        return dependent < 0 ? label : label.substring(0, dependent);
    }
}
