package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Suggestion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code cluster}. */
final class ClusterBlock {

    private static final Duration SHORTEST = Duration.ofSeconds(3);
    private static final Duration USUAL = Duration.ofSeconds(30);

    private ClusterBlock() {}

    /** @param wanted whether the block is there */
    static AgentConfig.@Nullable Cluster read(ConfigNode cluster, boolean wanted, List<DatabaseSettings> databases) {
        Duration takeOver = cluster.duration("takeOver", SHORTEST, USUAL);
        Optional<String> name = cluster.text("database");
        if (wanted && name.isEmpty()) {
            cluster.missing("database", "name the database that all agents of the cluster reach: database: shore");
        }
        return name.filter(n -> canHoldIt(cluster, n, databases))
                .map(n -> new AgentConfig.Cluster(n, takeOver))
                .orElse(null);
    }

    private static boolean canHoldIt(ConfigNode cluster, String name, List<DatabaseSettings> databases) {
        Optional<DatabaseSettings> found =
                databases.stream().filter(d -> d.name().equals(name)).findFirst();
        if (found.isEmpty()) {
            List<String> known = databases.stream().map(DatabaseSettings::name).toList();
            cluster.problem(
                    "database",
                    cluster.named("database") + ": there is no database '" + name + "' in this configuration",
                    Suggestion.didYouMean(name, known) + "Configured: " + String.join(", ", known) + ".");
            return false;
        }
        String primary = found.get().standbyOf();
        if (primary != null) {
            cluster.problem(
                    "database",
                    cluster.named("database") + ": '" + name + "' is a standby of '" + primary
                            + "', and nothing can be written there",
                    "name '" + primary + "'.");
            return false;
        }
        return true;
    }
}
