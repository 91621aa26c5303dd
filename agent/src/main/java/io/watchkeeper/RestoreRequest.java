package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.pitr.DirectoryPlan;
import io.watchkeeper.toolkit.pitr.DirectoryRestore;
import io.watchkeeper.toolkit.pitr.DirectoryResult;
import io.watchkeeper.toolkit.pitr.RecoveryTarget;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A restore of a base backup to a directory, asked for by a command.
 *
 * @param backup null for the newest good one that leads to the target
 * @param overwrite whether an old or half-restored cluster there may go
 * @param owner null for the usual one
 * @param tablespaces null for a folder beside the directory
 */
public record RestoreRequest(
        String database,
        Path to,
        RecoveryWords target,
        @Nullable String backup,
        boolean overwrite,
        @Nullable String owner,
        @Nullable Path tablespaces,
        Duration timeout) {

    /** As runs of restores by command are called. */
    public static final String NAME = "restore";

    private static final String VERB = "restore";

    /**
     * The runbook {@code restore} with one step, which does this.
     *
     * @throws OperatorException when the target cannot be read, or lies in the future
     */
    public Runbook runbook(AgentConfig config, Clock clock) {
        BackupSettings settings = ConfiguredToolkit.backups(config, clock);
        RecoveryTarget where = target.target(settings.clock());
        return PitrRunbook.of(
                NAME,
                "Restores " + database + " to " + to + ", to recover to " + where.words() + ".",
                timeout,
                Policy.Overlap.QUEUE,
                context -> restore(context, settings, where));
    }

    private void restore(StepContext context, BackupSettings settings, RecoveryTarget where) {
        DirectoryPlan plan = new DirectoryPlan(to, where, backup, overwrite, owner, tablespaces);
        DirectoryRestore restore =
                new DirectoryRestore(settings, database, context.work()).asking(context.database(database));
        if (context.dryRun()) {
            context.plan(
                    VERB,
                    database + " → " + plan.to(),
                    restore.preview(plan).actions(settings.clock().instant()));
            return;
        }
        DirectoryResult result =
                context.heavily(HeavyWork.on(HeavyWork.Kind.RESTORE, database), () -> restore.run(plan));
        context.record(new VerbResult(VERB, result.fields()));
        result.notes().forEach(context::info);
        context.info("restored; to start the server, which recovers to " + where.words() + ":");
        result.commands().forEach(command -> context.info("    " + command));
    }
}
