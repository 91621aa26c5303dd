package io.watchkeeper.cli;

import io.watchkeeper.Agent;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.runbook.Runbook;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What commands that do something with tenants have in common. */
final class TenantOptions {

    @Option(
            names = "--database",
            paramLabel = "DB",
            description = "where the tenants are; else what 'meta' in the configuration names")
    private @Nullable String database;

    @Option(names = "--dry-run", description = "say what would be done; change nothing")
    private boolean dryRun;

    @Option(names = "--json", description = "the run document on standard output, nothing else there")
    private boolean json;

    @Nullable
    String database() {
        return database;
    }

    int run(Invocation invocation, BiFunction<Agent, AgentConfig, Runbook> which) {
        return new ForegroundRun(invocation, dryRun, json)
                .run((agent, config) -> PairOptions.<Runbook>usage(() -> which.apply(agent, config)), Map.of());
    }
}
