package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.dsl.MetaTools;
import io.watchkeeper.dsl.MigrationSteps;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.toolkit.migrate.MigrationResult;
import io.watchkeeper.toolkit.migrate.MigrationWish;
import io.watchkeeper.toolkit.migrate.RevertTest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A migration asked for by a command or over HTTP instead of by a runbook's file.
 *
 * @param database null for the configured one, {@code meta.database}
 * @param alsoOn databases that are kept in step
 * @param revision null, when going back, for the beginning
 * @param testRevert whether it is first done and taken back elsewhere
 * @param testRows as {@code testRevert}, with the rows too
 */
public record MigrationRequest(
        @Nullable String database,
        List<String> alsoOn,
        @Nullable String revision,
        boolean revert,
        Duration lockTimeout,
        int attempts,
        boolean verify,
        boolean testRevert,
        boolean testRows,
        Duration timeout) {

    /** As runs of migrations by command are called. */
    public static final String NAME = "migrate";

    /** With the usual limits, of the configured database. */
    public static MigrationRequest of(String revision, boolean revert) {
        return new MigrationRequest(
                null,
                List.of(),
                revision,
                revert,
                MigrationWish.LOCK_TIMEOUT,
                MigrationWish.ATTEMPTS,
                true,
                false,
                false,
                Duration.ofHours(4));
    }

    /**
     * What is wished for, on this host.
     *
     * @throws OperatorException when no database is named here or in the configuration
     */
    MigrationWish wish(MetaTools tools) {
        String name = database == null ? tools.migrations().database() : database;
        if (name == null) {
            throw new OperatorException(
                    "no metadata database is configured",
                    "name it in the configuration: meta: { database: shore, migrations: /etc/watchkeeper/migrations }.");
        }
        return new MigrationWish(
                name,
                alsoOn,
                revision,
                revert,
                lockTimeout,
                attempts,
                tools.migrations().maxLag(),
                verify,
                testRows ? RevertTest.ROWS : testRevert ? RevertTest.SCHEMA : RevertTest.NONE);
    }

    /** The runbook {@code migrate} with one step, which does this. */
    public Runbook runbook(AgentConfig config, Agent agent, Clock clock) {
        return runbook(config, agent.meta(), clock);
    }

    Runbook runbook(AgentConfig config, MetaTools tools, Clock clock) {
        MigrationWish wish = wish(tools);
        return PitrRunbook.of(
                NAME,
                (revert ? "Takes changes back from " : "Deploys changes to ") + wish.database() + ", to "
                        + wish.target() + ".",
                timeout,
                Policy.Overlap.SKIP,
                context -> {
                    MigrationResult unused = new MigrationSteps(
                                    context, tools, ConfiguredToolkit.backups(config, clock), null)
                            .migrate(wish);
                });
    }
}
