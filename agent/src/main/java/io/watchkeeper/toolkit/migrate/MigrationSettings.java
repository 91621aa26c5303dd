package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.units.Bytes;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which migrations are for which database, as {@code meta} in the configuration says.
 *
 * @param database the configured name of the metadata database; null when none is named
 * @param project the folder of sqitch.plan; null when none is named
 * @param avoided when no migration begins
 * @param maxLag no standby may be further behind when one begins
 */
public record MigrationSettings(
        @Nullable String database, @Nullable Path project, List<AvoidedTime> avoided, Bytes maxLag) {

    public static final Bytes MAX_LAG = Bytes.megabytes(64);

    public static final MigrationSettings NONE = new MigrationSettings(null, null);

    public MigrationSettings {
        avoided = List.copyOf(avoided);
    }

    /** At any time, with the usual limit of lag. */
    public MigrationSettings(@Nullable String database, @Nullable Path project) {
        this(database, project, List.of(), MAX_LAG);
    }
}
