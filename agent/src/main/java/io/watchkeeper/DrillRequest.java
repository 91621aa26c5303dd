package io.watchkeeper;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.pitr.CheckQuery;
import io.watchkeeper.toolkit.pitr.DrillPlan;
import io.watchkeeper.toolkit.pitr.DrillReport;
import io.watchkeeper.toolkit.pitr.DrillResult;
import io.watchkeeper.toolkit.pitr.PitrDrill;
import io.watchkeeper.toolkit.pitr.RecoveryTarget;
import io.watchkeeper.toolkit.pitr.SandboxSweep;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A restore drill asked for by a command or over HTTP instead of by a runbook's file.
 *
 * @param backup null for the newest good one that leads to the target
 * @param checks queries by name, each for one boolean
 * @param synthetic a file of SQL; null for none
 * @param compare tables or patterns that are compared with the database's
 */
public record DrillRequest(
        String database,
        RecoveryWords target,
        @Nullable String backup,
        Map<String, String> checks,
        @Nullable Path synthetic,
        boolean amcheck,
        List<String> compare,
        Duration maxRpo,
        Duration maxRto,
        Duration timeout) {

    /** As runs of drills by command are called. */
    public static final String NAME = "drill";

    private static final String VERB = "pitrDrill";

    /** With the usual limits and checks. */
    public static DrillRequest of(String database, RecoveryWords target) {
        return new DrillRequest(
                database,
                target,
                null,
                Map.of(),
                null,
                true,
                List.of(),
                DrillPlan.MAX_RPO,
                DrillPlan.MAX_RTO,
                Duration.ofHours(24));
    }

    /**
     * The runbook {@code drill} with one step, which does this.
     *
     * @throws OperatorException when the target cannot be read, or lies in the future
     */
    public Runbook runbook(AgentConfig config, Clock clock) {
        BackupSettings settings = ConfiguredToolkit.backups(config, clock);
        RecoveryTarget where = target.target(settings.clock());
        return PitrRunbook.of(
                NAME,
                "Proves that a backup of " + database + " restores, to " + where.words() + ".",
                timeout,
                Policy.Overlap.SKIP,
                context -> drill(context, settings, where));
    }

    private void drill(StepContext context, BackupSettings settings, RecoveryTarget where) {
        DrillPlan plan = new DrillPlan(
                where,
                backup,
                maxRpo,
                maxRto,
                checks.entrySet().stream()
                        .map(one -> new CheckQuery(one.getKey(), one.getValue()))
                        .toList(),
                synthetic,
                amcheck,
                compare,
                DrillPlan.PORT);
        PitrDrill drill = new PitrDrill(settings, context.database(database), context.work(), context.runId());
        if (context.dryRun()) {
            context.plan(
                    VERB,
                    database + " → " + where.words(),
                    drill.preview(plan).actions(settings.clock().instant()));
            return;
        }
        SandboxSweep.sweep(settings.state());
        DrillResult result = context.heavily(HeavyWork.on(HeavyWork.Kind.DRILL, database), () -> drill.run(plan));
        context.record(new VerbResult(VERB, result.fields()));
        context.info("report: " + new DrillReport().add(result, context.runId(), context.reports()));
        context.info(result.words());
        Optional<OperatorException> problem = result.problem();
        if (problem.isPresent()) {
            throw problem.get();
        }
    }
}
