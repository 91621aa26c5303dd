package io.watchkeeper.toolkit.pitr;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A restore for good: into a directory that a server is then started on.
 *
 * @param to the new data directory
 * @param backup the one to restore; null for the newest good one that the target can be reached from
 * @param overwrite whether what an old or half-restored cluster has left there may go
 * @param owner the user of the server; null for this process's, as root for postgres
 * @param tablespaces the folder for tablespaces; null for one beside the directory
 */
public record DirectoryPlan(
        Path to,
        RecoveryTarget target,
        @Nullable String backup,
        boolean overwrite,
        @Nullable String owner,
        @Nullable Path tablespaces) {

    public DirectoryPlan {
        to = to.toAbsolutePath().normalize();
        tablespaces = tablespaces == null ? null : tablespaces.toAbsolutePath().normalize();
    }

    Path tablespaceFolder() {
        return tablespaces == null ? to.resolveSibling(to.getFileName() + "_tablespaces") : tablespaces;
    }
}
