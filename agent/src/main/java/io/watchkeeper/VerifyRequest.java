package io.watchkeeper;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.sync.PendingRows;
import io.watchkeeper.toolkit.verify.DeleteBrake;
import io.watchkeeper.toolkit.verify.Repair;
import io.watchkeeper.toolkit.verify.TableSetVerifier;
import io.watchkeeper.toolkit.verify.VerifyBy;
import io.watchkeeper.toolkit.verify.VerifyFindings;
import io.watchkeeper.toolkit.verify.VerifyOptions;
import io.watchkeeper.toolkit.verify.VerifySetPlan;
import io.watchkeeper.toolkit.verify.VerifySetResult;
import io.watchkeeper.units.Ratio;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A verification asked for by a command instead of a runbook's file.
 *
 * @param by what of the rows is compared: checksum, count or keys
 * @param sample the share of the rows that is compared, as {@code 1%}; null for all
 * @param repair what is done about differences: none, plan or apply
 * @param reportOnly whether differences that are left are no failure
 * @param maxDeletes the brake of a repair, as {@code 20%} or {@code 500}; null for the usual one
 * @param patience how long rows are waited for that may be on their way; null for the usual time
 */
public record VerifyRequest(
        PairRequest asked,
        String by,
        @Nullable String sample,
        String repair,
        boolean reportOnly,
        @Nullable String maxDeletes,
        @Nullable Duration patience) {

    /** @throws OperatorException when one of the words cannot be read */
    public VerifyRequest {
        PairRequest.named("--by", by, List.of(VerifyBy.values()));
        PairRequest.named("--repair", repair, List.of(Repair.values()));
        VerifyOptions unused = VerifyOptions.DEFAULT.withSample(share(sample)).withMaxDeletes(brake(maxDeletes));
    }

    /** The runbook {@code verify} with one step, which does this. */
    public Runbook runbook() {
        return asked.runbook(
                "verify",
                "Compares " + String.join(", ", asked.tables()) + " of " + asked.from() + " and " + asked.to() + ".",
                this::verify);
    }

    private void verify(StepContext context) throws SQLException {
        Database source = context.database(asked.from());
        Database target = context.database(asked.to());
        VerifySetPlan plan = new VerifySetPlan(asked.tables(), asked.except(), options());
        if (context.dryRun()) {
            TableSetVerifier verifier = new TableSetVerifier(source, target, context.work(), null, new PendingRows());
            context.plan("verifyTables", asked.subject(), verifier.describe(plan));
            return;
        }
        Path reports = context.reports();
        VerifySetResult found = context.heavily(
                HeavyWork.between(HeavyWork.Kind.VERIFY, asked.from(), asked.to()),
                () -> new TableSetVerifier(source, target, context.work(), reports, new PendingRows()).verify(plan));
        found.results().forEach(one -> context.record(new VerbResult("verifyTable", one.fields())));
        context.info("report: "
                + new VerifyFindings().add(found).report(context.runId()).write(reports));
        Optional<OperatorException> mismatch = VerifyFindings.mismatch(found, reports);
        Optional<OperatorException> failure = found.failure();
        if (mismatch.isPresent() && (failure.isPresent() || reportOnly)) {
            context.warn(String.valueOf(mismatch.get().getMessage()));
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
        if (mismatch.isPresent() && !reportOnly) {
            throw mismatch.get();
        }
    }

    private VerifyOptions options() {
        VerifyOptions options = VerifyOptions.DEFAULT
                .withColumns(asked.columns())
                .withWhere(asked.where())
                .withKey(asked.key())
                .withBy(PairRequest.named("--by", by, List.of(VerifyBy.values())))
                .withSample(share(sample))
                .withRepair(PairRequest.named("--repair", repair, List.of(Repair.values())))
                .withMaxDeletes(brake(maxDeletes))
                .withPace(asked.pace(null));
        return patience == null ? options : options.withPatience(patience);
    }

    private static @Nullable Ratio share(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String number = text.strip().endsWith("%")
                ? text.strip().substring(0, text.strip().length() - 1)
                : "";
        try {
            return Ratio.percent(Double.parseDouble(number));
        } catch (NumberFormatException e) {
            throw new OperatorException("--sample is '" + text + "'", "give a share of the rows, as 1%.", e);
        }
    }

    private static DeleteBrake brake(@Nullable String text) {
        return text == null ? DeleteBrake.DEFAULT : PairRequest.shareOrCount(text, DeleteBrake::of, DeleteBrake::of);
    }
}
