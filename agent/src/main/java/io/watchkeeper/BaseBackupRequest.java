package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.BaseBackup;
import io.watchkeeper.toolkit.backup.BaseBackupFormat;
import io.watchkeeper.toolkit.backup.BaseBackupPlan;
import io.watchkeeper.toolkit.backup.BaseBackupResult;
import io.watchkeeper.toolkit.backup.CompressAt;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A base backup asked for by a command instead of a runbook's file.
 *
 * @param format plain or tar; null for what goes with the rest
 * @param compress none, gzip, zstd or lz4, with a level as {@code gzip:6}
 * @param compressAt client or server; null for the server where it is another host that can
 * @param rateLimit per second; null for as fast as it goes
 * @param fullAfter how old a whole backup may be before incremental ones no longer build on it; null for the usual
 * @param label null for one made of the backup's name
 * @param timeout of the whole run
 */
public record BaseBackupRequest(
        String database,
        @Nullable String format,
        String compress,
        @Nullable String compressAt,
        boolean fastCheckpoint,
        @Nullable Bytes rateLimit,
        boolean verify,
        boolean incremental,
        @Nullable Duration fullAfter,
        @Nullable String label,
        Duration timeout) {

    /** @throws OperatorException when one of the words cannot be read */
    public BaseBackupRequest {
        BaseBackupPlan unused =
                plan(format, compress, compressAt, fastCheckpoint, rateLimit, verify, incremental, fullAfter, label);
    }

    /** The runbook {@code backup base} with one step, which does this. */
    public Runbook runbook(AgentConfig config, Clock clock) {
        BackupSettings settings = ConfiguredToolkit.backups(config, clock);
        return BackupRequest.runbook(
                "backup-base", "Makes a base backup of " + database + ".", timeout, context -> make(context, settings));
    }

    private void make(StepContext context, BackupSettings settings) throws SQLException {
        BaseBackup backup = new BaseBackup(context.database(database), settings, context.work());
        BaseBackupPlan plan =
                plan(format, compress, compressAt, fastCheckpoint, rateLimit, verify, incremental, fullAfter, label);
        if (context.dryRun()) {
            context.plan("baseBackup", database, backup.describe(plan));
            return;
        }
        BaseBackupResult result =
                context.heavily(HeavyWork.on(HeavyWork.Kind.BACKUP, database), () -> backup.run(plan));
        context.record(new VerbResult("baseBackup", result.fields()));
        result.archiveGap().ifPresent(context::warn);
        context.info("backup " + result.backup().id() + " in " + result.backup().folder());
    }

    private static BaseBackupPlan plan(
            @Nullable String format,
            String compress,
            @Nullable String compressAt,
            boolean fastCheckpoint,
            @Nullable Bytes rateLimit,
            boolean verify,
            boolean incremental,
            @Nullable Duration fullAfter,
            @Nullable String label) {
        String[] method = compress.split(":", 2);
        BaseBackupPlan plan = BaseBackupPlan.USUAL
                .withFormat(
                        format == null
                                ? null
                                : PairRequest.named("--format", format, List.of(BaseBackupFormat.values())))
                .withCompression(
                        PairRequest.named("--compress", method[0], List.of(Compression.values())),
                        method.length == 1 ? null : (Integer) level(method[1]))
                .withCompressAt(
                        compressAt == null
                                ? null
                                : PairRequest.named("--compress-at", compressAt, List.of(CompressAt.values())))
                .withFastCheckpoint(fastCheckpoint)
                .withRateLimit(rateLimit)
                .withVerify(verify)
                .withIncremental(incremental)
                .withLabel(label);
        return fullAfter == null ? plan : plan.withFullAfter(fullAfter);
    }

    private static int level(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new OperatorException("'" + text + "' is no level of compression", "give a number, as gzip:6.", e);
        }
    }
}
