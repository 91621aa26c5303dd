package io.watchkeeper;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepContext;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.copy.CopyOptions;
import io.watchkeeper.toolkit.copy.CopyStrategy;
import io.watchkeeper.toolkit.copy.MergeBy;
import io.watchkeeper.toolkit.copy.Pace;
import io.watchkeeper.toolkit.copy.TableSetCopier;
import io.watchkeeper.toolkit.copy.TableSetPlan;
import io.watchkeeper.toolkit.copy.TableSetResult;
import io.watchkeeper.units.Bytes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A copy asked for by a command instead of a runbook's file. It runs as a runbook does, so that it is recorded, shown, limited and
 * cancelled like one.
 *
 * @param from the source, a database of the configuration
 * @param to the target, likewise
 * @param tables names or patterns
 * @param strategy what becomes of the rows the target already has: truncate, swap, append or merge
 * @param key the columns a merge tells rows apart by; empty for the primary key
 * @param resume whether a copy that was interrupted is gone on with
 * @param batch rows of a chunk; null to choose
 * @param workers streams at once: tables, or one table's chunks; null for as many as pay
 * @param timeout of the whole run
 */
public record CopyRequest(
        String from,
        String to,
        List<String> tables,
        List<String> except,
        List<String> columns,
        @Nullable String where,
        String strategy,
        List<String> key,
        boolean resume,
        @Nullable Integer batch,
        @Nullable Integer workers,
        @Nullable Bytes rateLimit,
        boolean verify,
        boolean analyze,
        Duration timeout) {

    /** Where a run says that it comes from. */
    private static final SourceLocation COMMAND_LINE = new SourceLocation("command line", 1);

    /** @throws OperatorException when a table's or the strategy's name cannot be read, or source and target are the same */
    public CopyRequest {
        tables.forEach(TablePattern::parse);
        except.forEach(TablePattern::parse);
        strategyNamed(strategy);
        if (from.equals(to)) {
            throw new OperatorException(
                    "'" + from + "' would be copied onto itself", "--from and --to name two databases.");
        }
    }

    /**
     * The runbook {@code copy} with one step, which does this.
     *
     * @param usualWorkers of this host, where none were asked for; null for as many as pay
     */
    public Runbook runbook(@Nullable Integer usualWorkers) {
        Policy usual = Policy.DEFAULT;
        return new Runbook(
                "copy",
                "Copies " + String.join(", ", tables) + " from " + from + " to " + to + ".",
                "",
                Set.of(),
                null,
                new Policy(timeout, usual.attempts(), usual.backOff(), Policy.Overlap.QUEUE, usual.locks()),
                List.of(),
                List.of(),
                List.of(new Step("copy", COMMAND_LINE, context -> copy(context, plan(usualWorkers)))),
                null,
                null,
                COMMAND_LINE,
                "");
    }

    private void copy(StepContext context, TableSetPlan plan) throws SQLException {
        Database source = context.database(from);
        Database target = context.database(to);
        TableSetCopier copier = new TableSetCopier(source, target, context.work());
        if (context.dryRun()) {
            context.plan("copyTables", String.join(", ", tables) + "  " + from + " → " + to, copier.describe(plan));
            return;
        }
        TableSetResult result = copier.copy(plan);
        result.results().forEach(one -> context.record(new VerbResult("copyTable", one.fields())));
        Optional<OperatorException> failure = result.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private TableSetPlan plan(@Nullable Integer usualWorkers) {
        CopyOptions options = CopyOptions.DEFAULT
                .withColumns(columns)
                .withWhere(where)
                .withStrategy(strategyNamed(strategy))
                .withMergeBy(MergeBy.PRIMARY_KEY.withColumns(key))
                .withPace(Pace.FREE
                        .withWorkers(workers)
                        .withUsualWorkers(usualWorkers)
                        .withBatch(batch == null ? null : batch.longValue())
                        .withRateLimit(rateLimit))
                .withResume(resume)
                .withVerify(verify)
                .withAnalyze(analyze);
        return new TableSetPlan(tables, except, options);
    }

    private static CopyStrategy strategyNamed(String name) {
        return Arrays.stream(CopyStrategy.values())
                .filter(strategy -> strategy != CopyStrategy.PARTITION
                        && strategy.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> names = Arrays.stream(CopyStrategy.values())
                            .filter(strategy -> strategy != CopyStrategy.PARTITION)
                            .map(CopyStrategy::toString)
                            .toList();
                    return new OperatorException(
                            "--strategy is '" + name + "'",
                            Suggestion.didYouMean(name, names) + "Strategies: " + String.join(", ", names) + ".");
                });
    }
}
