package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.KeptBackups;
import io.watchkeeper.toolkit.backup.RetentionPolicy;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An expiry of backups asked for by a command instead of a runbook's file.
 *
 * @param database the only one that is meant; null for every one in the repository
 * @param keep backups younger than this stay; null for the usual
 * @param keepDumps as keep, for dumps alone
 * @param keepBaseBackups as keep, for base backups alone
 * @param keepLast so many of the newest stay; null for no such rule
 * @param keepAtLeast so many stay in any case; null for the usual
 * @param keepWal archived log younger than this stays; null for the usual
 * @param timeout of the whole run
 */
public record BackupExpiryRequest(
        @Nullable String database,
        @Nullable Duration keep,
        @Nullable Duration keepDumps,
        @Nullable Duration keepBaseBackups,
        @Nullable Integer keepLast,
        @Nullable Integer keepAtLeast,
        @Nullable Duration keepWal,
        Duration timeout) {

    /** @throws OperatorException when the rules cannot be meant */
    public BackupExpiryRequest {
        RetentionPolicy unused = policy(keep, keepDumps, keepBaseBackups, keepLast, keepAtLeast, keepWal);
    }

    /** The runbook {@code backup-expire} with one step, which does this. */
    public Runbook runbook(AgentConfig config, Clock clock) {
        BackupSettings settings = ConfiguredToolkit.backups(config, clock);
        return BackupRequest.runbook(
                "backup-expire",
                "Removes backups of " + (database == null ? "all databases" : database) + " that no rule keeps.",
                timeout,
                context -> expire(context, settings));
    }

    private void expire(StepContext context, BackupSettings settings) {
        RetentionPolicy policy = policy(keep, keepDumps, keepBaseBackups, keepLast, keepAtLeast, keepWal);
        KeptBackups backups = new KeptBackups(settings, database, context.work());
        if (context.dryRun()) {
            context.plan(
                    "expireBackups", database == null ? "all databases" : database, backups.describeExpiry(policy));
            return;
        }
        var unused = backups.expire(policy, result -> {
            context.record(new VerbResult("expireBackups", result.fields()));
            context.info(result.database() + ": " + result.summary());
        });
    }

    private static RetentionPolicy policy(
            @Nullable Duration keep,
            @Nullable Duration keepDumps,
            @Nullable Duration keepBaseBackups,
            @Nullable Integer keepLast,
            @Nullable Integer keepAtLeast,
            @Nullable Duration keepWal) {
        RetentionPolicy usual = RetentionPolicy.DEFAULT;
        return RetentionPolicy.of(
                keep,
                keepDumps,
                keepBaseBackups,
                keepLast,
                keepAtLeast == null ? usual.keepAtLeast() : keepAtLeast,
                keepWal == null ? usual.keepWal() : keepWal);
    }
}
