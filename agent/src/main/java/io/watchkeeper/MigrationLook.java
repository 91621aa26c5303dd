package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.MigrationSteps;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.toolkit.migrate.MigrationStatus;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A look at how far a database has come along its migrations.
 *
 * @param database null for the configured one, {@code meta.database}
 * @param verify whether the verify scripts are run too
 */
public record MigrationLook(@Nullable String database, boolean verify) {

    private static final Duration TIMEOUT = Duration.ofHours(1);

    /**
     * The runbook {@code migration-status} or {@code migration-verify} with one step, which does this.
     *
     * @throws OperatorException when no database is named here or in the configuration
     */
    public Runbook runbook(AgentConfig config, Agent agent, Clock clock) {
        String name = Optional.ofNullable(database)
                .or(() -> Optional.ofNullable(agent.meta().migrations().database()))
                .orElseThrow(() -> new OperatorException(
                        "no metadata database is configured",
                        "name one with --database, or in the configuration: meta.database."));
        return PitrRunbook.of(
                verify ? "migration-verify" : "migration-status",
                "Looks how far " + name + " has come along its migrations.",
                TIMEOUT,
                Policy.Overlap.QUEUE,
                context -> {
                    MigrationSteps steps =
                            new MigrationSteps(context, agent.meta(), ConfiguredToolkit.backups(config, clock), null);
                    if (verify) {
                        steps.verify(name);
                    } else {
                        MigrationStatus unused = steps.status(name);
                    }
                });
    }
}
