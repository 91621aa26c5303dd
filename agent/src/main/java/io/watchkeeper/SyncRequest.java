package io.watchkeeper;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.sync.LocalEdits;
import io.watchkeeper.toolkit.sync.MaxDeletes;
import io.watchkeeper.toolkit.sync.SyncMode;
import io.watchkeeper.toolkit.sync.SyncOptions;
import io.watchkeeper.toolkit.sync.SyncSetPlan;
import io.watchkeeper.toolkit.sync.SyncSetResult;
import io.watchkeeper.toolkit.sync.TableSetSyncer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A round of synchronisation asked for by a command instead of a runbook's file.
 *
 * @param mode how the round finds what was written: auto, xmin, timestamp, hybrid or full
 * @param watermark the column that every change moves forward; null without one
 * @param overlap how far before the newest watermark a round begins; null for the usual time
 * @param deletes whether rows that are gone from the source are deleted
 * @param maxDeletes the brake, as {@code 20%} or {@code 500}; null for the usual one
 * @param localEdits what becomes of rows that were written on the target: sourceWins, keep or fail
 * @param oneSnapshot whether all tables are brought to one view of the source
 */
public record SyncRequest(
        PairRequest asked,
        String mode,
        @Nullable String watermark,
        @Nullable Duration overlap,
        boolean deletes,
        @Nullable String maxDeletes,
        String localEdits,
        boolean followColumns,
        boolean oneSnapshot,
        boolean verify) {

    /** @throws OperatorException when one of the words cannot be read, or a mode lacks its column */
    public SyncRequest {
        SyncMode how = modeNamed(mode);
        if (watermark == null && (how == SyncMode.TIMESTAMP || how == SyncMode.HYBRID)) {
            throw new OperatorException(
                    "--mode " + mode + " needs a column to go by",
                    "name the one that every change moves forward: --watermark updated_at.");
        }
        brake(maxDeletes);
        policyNamed(localEdits);
    }

    /**
     * The runbook {@code sync} with one step, which does this.
     *
     * @param usualWorkers of this host, where none were asked for; null for as many as pay
     */
    public Runbook runbook(@Nullable Integer usualWorkers) {
        return asked.runbook(
                "sync",
                "Keeps " + String.join(", ", asked.tables()) + " of " + asked.to() + " the same as of " + asked.from()
                        + ".",
                context -> sync(context, plan(usualWorkers)));
    }

    private void sync(StepContext context, SyncSetPlan plan) throws SQLException {
        Database source = context.database(asked.from());
        Database target = context.database(asked.to());
        TableSetSyncer syncer = new TableSetSyncer(source, target, context.work());
        if (context.dryRun()) {
            context.plan("syncTables", asked.subject(), syncer.describe(plan));
            return;
        }
        SyncSetResult result = context.heavily(
                HeavyWork.between(HeavyWork.Kind.SYNC, asked.from(), asked.to()), () -> syncer.sync(plan));
        result.results().forEach(one -> context.record(new VerbResult("syncTable", one.fields())));
        Optional<OperatorException> failure = result.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private SyncSetPlan plan(@Nullable Integer usualWorkers) {
        SyncOptions options = SyncOptions.DEFAULT
                .withColumns(asked.columns())
                .withWhere(asked.where())
                .withKey(asked.key())
                .withMode(modeNamed(mode))
                .withWatermark(watermark)
                .withDeletes(deletes)
                .withMaxDeletes(brake(maxDeletes))
                .withLocalEdits(policyNamed(localEdits))
                .withFollowColumns(followColumns)
                .withVerify(verify)
                .withPace(asked.pace(usualWorkers));
        return new SyncSetPlan(
                asked.tables(), asked.except(), overlap == null ? options : options.withOverlap(overlap), oneSnapshot);
    }

    /** Streaming is not a round: it is begun and watched by runbooks. */
    private static SyncMode modeNamed(String name) {
        return PairRequest.named("--mode", name, PairRequest.allBut(SyncMode.class, SyncMode.STREAM));
    }

    private static LocalEdits policyNamed(String name) {
        return PairRequest.named("--local-edits", name, List.of(LocalEdits.values()));
    }

    private static MaxDeletes brake(@Nullable String text) {
        return text == null ? MaxDeletes.DEFAULT : PairRequest.shareOrCount(text, MaxDeletes::of, MaxDeletes::of);
    }
}
