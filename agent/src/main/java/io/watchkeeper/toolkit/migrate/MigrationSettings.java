package io.watchkeeper.toolkit.migrate;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which migrations are for which database, as {@code meta} in the configuration says.
 *
 * @param database the configured name of the metadata database; null when none is named
 * @param project the folder of sqitch.plan; null when none is named
 */
public record MigrationSettings(
        @Nullable String database, @Nullable Path project) {

    public static final MigrationSettings NONE = new MigrationSettings(null, null);
}
