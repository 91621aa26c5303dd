package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.IntegrityPlan;
import io.watchkeeper.toolkit.backup.KeptBackups;
import io.watchkeeper.units.Bytes;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A verification of backups asked for by a command instead of a runbook's file.
 *
 * @param database the only one that is meant; null for every one in the repository
 * @param rateLimit so much is read per second; null for the usual
 * @param newest only so many of the newest backups; null for all
 * @param atMost after this nothing new is begun; null for no limit
 * @param timeout of the whole run
 */
public record BackupVerifyRequest(
        @Nullable String database,
        @Nullable Bytes rateLimit,
        @Nullable Integer newest,
        @Nullable Duration atMost,
        Duration timeout) {

    /** @throws OperatorException when it cannot be meant */
    public BackupVerifyRequest {
        IntegrityPlan unused = plan(rateLimit, newest, atMost);
    }

    /** The runbook {@code backup-verify} with one step, which does this. */
    public Runbook runbook(AgentConfig config, Clock clock) {
        BackupSettings settings = ConfiguredToolkit.backups(config, clock);
        return BackupRequest.runbook(
                "backup-verify",
                "Reads the backups of " + (database == null ? "all databases" : database) + " again.",
                timeout,
                context -> verify(context, settings));
    }

    private void verify(StepContext context, BackupSettings settings) {
        IntegrityPlan plan = plan(rateLimit, newest, atMost);
        KeptBackups backups = new KeptBackups(settings, database, context.work());
        if (context.dryRun()) {
            context.plan(
                    "verifyBackups", database == null ? "all databases" : database, backups.describeVerification(plan));
            return;
        }
        var unused = context.heavily(
                new HeavyWork(HeavyWork.Kind.VERIFY, List.of(), null),
                () -> backups.verify(plan, result -> {
                    context.record(new VerbResult("verifyBackups", result.fields()));
                    context.info(result.database() + ": " + result.summary());
                }));
    }

    private static IntegrityPlan plan(@Nullable Bytes rateLimit, @Nullable Integer newest, @Nullable Duration atMost) {
        return new IntegrityPlan(rateLimit == null ? IntegrityPlan.DEFAULT.rateLimit() : rateLimit, newest, atMost);
    }
}
