package io.watchkeeper;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.copy.WorkerBench;
import io.watchkeeper.toolkit.copy.WorkerBenchResult;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A measurement of how many workers pay, asked for by a command. It runs as a runbook does, so that it is recorded, shown, limited and
 * cancelled like one.
 *
 * @param from the source, a database of the configuration
 * @param to the target, likewise
 * @param most workers; null for the usual number
 * @param rows of each copy; null for what fits
 * @param timeout of the whole run
 */
public record BenchRequest(
        String from,
        String to,
        String table,
        @Nullable Integer most,
        @Nullable Long rows,
        Duration timeout) {

    /** Where a run says that it comes from. */
    private static final SourceLocation COMMAND_LINE = new SourceLocation("command line", 1);

    /** @throws OperatorException when the table's name cannot be read, or a number is none */
    public BenchRequest {
        TableName.parse(table);
        if (most != null && most < 1) {
            throw new OperatorException("--max is " + most, "at least one worker is measured.");
        }
        if (rows != null && rows < 1) {
            throw new OperatorException(
                    "--rows is " + rows, "at least one row is copied; 100000 and more tell something.");
        }
    }

    /** The runbook {@code bench} with one step, which does this. It is not tried again: what failed halfway measured nothing. */
    public Runbook runbook() {
        Policy usual = Policy.DEFAULT;
        return new Runbook(
                "bench",
                "Measures how many workers pay for a copy of " + table + " from " + from + " to " + to + ".",
                "",
                Set.of(),
                null,
                new Policy(timeout, 1, usual.backOff(), Policy.Overlap.QUEUE, usual.locks()),
                List.of(),
                List.of(),
                List.of(new Step("bench workers", COMMAND_LINE, this::measure)),
                null,
                null,
                COMMAND_LINE,
                "");
    }

    private void measure(StepContext context) throws SQLException {
        Database source = context.database(from);
        Database target = context.database(to);
        WorkerBench bench = new WorkerBench(source, target, context.work());
        WorkerBench.Plan plan = new WorkerBench.Plan(TableName.parse(table), most, rows);
        if (context.dryRun()) {
            context.plan("benchWorkers", table + "  " + from + " → " + to, bench.describe(plan));
            return;
        }
        WorkerBenchResult result = bench.measure(plan, context::info);
        context.record(new VerbResult("benchWorkers", result.fields()));
    }
}
