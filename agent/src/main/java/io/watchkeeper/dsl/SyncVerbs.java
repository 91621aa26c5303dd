package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.HeavyWork;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.copy.StreamedTableException;
import io.watchkeeper.toolkit.stream.TableStreamer;
import io.watchkeeper.toolkit.sync.SyncMode;
import io.watchkeeper.toolkit.sync.SyncPlan;
import io.watchkeeper.toolkit.sync.SyncResult;
import io.watchkeeper.toolkit.sync.SyncSetPlan;
import io.watchkeeper.toolkit.sync.SyncSetResult;
import io.watchkeeper.toolkit.sync.TableSetSyncer;
import io.watchkeeper.toolkit.sync.TableSyncer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code syncTable} and {@code syncTables}. */
record SyncVerbs(Action action) {

    SyncResult syncTable(String table, Closure<?> block) throws SQLException {
        action.texts().require(TextKind.TABLE, table);
        SyncTableSpec spec = new SyncTableSpec(action.texts());
        Closures.run(block, spec);
        SyncPlan plan = withUsualWorkers(spec.plan(table));
        Database source = action.database(spec.source());
        Database target = action.database(spec.target());
        if (plan.options().mode() == SyncMode.STREAM) {
            return new StreamedSync(action, source, target).ensure(plan, spec);
        }
        TableSyncer syncer = new TableSyncer(source, target, action.context().work());
        if (action.dryRun()) {
            action.plan("syncTable", spec.subject(plan.from().toString()), () -> syncer.describe(plan));
            return nothingDone(plan, spec);
        }
        SyncResult result = action.heavily(heavy(spec), () -> poll(syncer, plan, source, target));
        action.context().record(new VerbResult("syncTable", result.fields()));
        return result;
    }

    /** A stream that mode stream has made ends when another mode is asked for; any other stream is in the way. */
    private SyncResult poll(TableSyncer syncer, SyncPlan plan, Database source, Database target) throws SQLException {
        try {
            return syncer.sync(plan);
        } catch (StreamedTableException e) {
            if (!TableStreamer.isOwn(plan.to(), e.subscription())) {
                throw e;
            }
        }
        new StreamedSync(action, source, target).end(plan.to());
        return syncer.sync(plan);
    }

    private static HeavyWork heavy(SyncSpec spec) {
        return HeavyWork.between(HeavyWork.Kind.SYNC, spec.source(), spec.target());
    }

    private SyncPlan withUsualWorkers(SyncPlan plan) {
        return plan.with(options -> options.withPace(
                options.pace().withUsualWorkers(action.toolbox().workers())));
    }

    static SyncResult nothingDone(SyncPlan plan, SyncSpec spec) {
        return new SyncResult(
                plan.from(),
                plan.to(),
                spec.source(),
                spec.target(),
                plan.options().mode(),
                "a dry run",
                false,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Duration.ZERO,
                Map.of(),
                null,
                null,
                false,
                List.of());
    }

    SyncSetResult syncTables(List<String> patterns, Closure<?> block) throws SQLException {
        patterns.forEach(p -> action.texts().require(TextKind.TABLE_PATTERN, p));
        SyncTablesSpec spec = new SyncTablesSpec(action.texts());
        Closures.run(block, spec);
        SyncSetPlan plan = spec.plan(patterns);
        if (plan.options().mode() == SyncMode.STREAM) {
            throw new OperatorException(
                    "'syncTables' polls, and 'mode stream' is for one table",
                    "provisionPublication and provisionSubscription stream many tables through one slot; see docs/streaming.md.");
        }
        Database source = action.database(spec.source());
        Database target = action.database(spec.target());
        TableSetSyncer syncer =
                new TableSetSyncer(source, target, action.context().work());
        if (action.dryRun()) {
            action.plan("syncTables", spec.subject(String.join(", ", patterns)), () -> syncer.describe(plan));
            return new SyncSetResult(List.of(), List.of());
        }
        SyncSetResult result = action.heavily(heavy(spec), () -> syncer.sync(plan));
        // One result for each table, as if each had been kept by a verb of its own.
        result.results().forEach(one -> action.context().record(new VerbResult("syncTable", one.fields())));
        Optional<OperatorException> failure = result.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
        return result;
    }
}
