package io.watchkeeper.config;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.Suggestion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code meta}. */
final class MetaBlock {

    private MetaBlock() {}

    /** @param wanted whether the block is there */
    static AgentConfig.@Nullable Meta read(ConfigNode meta, boolean wanted, List<DatabaseSettings> databases) {
        Optional<String> database = meta.text("database");
        @Nullable Path migrations = meta.path("migrations").orElse(null);
        Map<String, AgentConfig.Tenancy> plans = plans(meta.block("plans"));
        if (!wanted) {
            return null;
        }
        if (database.isEmpty()) {
            meta.missing("database", "name the database that holds the tenants: database: shore");
        }
        if (migrations != null && !Files.isRegularFile(migrations.resolve("sqitch.plan"))) {
            meta.problem(
                    "migrations",
                    meta.named("migrations") + ": " + migrations + " has no sqitch.plan",
                    "name the folder of a Sqitch project: sqitch init NAME --engine pg makes one.");
        }
        return database.filter(name -> isThere(meta, name, databases))
                .map(name -> new AgentConfig.Meta(name, migrations, plans))
                .orElse(null);
    }

    private static Map<String, AgentConfig.Tenancy> plans(ConfigNode plans) {
        Map<String, AgentConfig.Tenancy> read = new LinkedHashMap<>();
        for (String plan : plans.names()) {
            plans.parsed(plan, "a way to keep tenants apart", "write schema or rls.", MetaBlock::tenancy)
                    .ifPresent(tenancy -> read.put(plan, tenancy));
        }
        return read;
    }

    private static Optional<AgentConfig.Tenancy> tenancy(String word) {
        return switch (word) {
            case "schema" -> Optional.of(AgentConfig.Tenancy.SCHEMA);
            case "rls" -> Optional.of(AgentConfig.Tenancy.RLS);
            default -> Optional.empty();
        };
    }

    private static boolean isThere(ConfigNode meta, String name, List<DatabaseSettings> databases) {
        List<String> known = databases.stream().map(DatabaseSettings::name).toList();
        if (!known.contains(name)) {
            meta.problem(
                    "database",
                    meta.named("database") + ": there is no database '" + name + "' in this configuration",
                    Suggestion.didYouMean(name, known) + "Configured: " + String.join(", ", known) + ".");
        }
        return known.contains(name);
    }
}
