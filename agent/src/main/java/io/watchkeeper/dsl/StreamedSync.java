package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.toolkit.stream.StreamResult;
import io.watchkeeper.toolkit.stream.TableStreamer;
import io.watchkeeper.toolkit.sync.SyncMode;
import io.watchkeeper.toolkit.sync.SyncOptions;
import io.watchkeeper.toolkit.sync.SyncPlan;
import io.watchkeeper.toolkit.sync.SyncResult;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code syncTable} with {@code mode stream}. */
record StreamedSync(Action action, Database source, Database target) {

    SyncResult ensure(SyncPlan plan, SyncTableSpec spec) throws SQLException {
        requireWhole(plan);
        if (action.dryRun()) {
            action.plan(
                    "syncTable",
                    spec.subject(plan.from().toString()),
                    () -> streamer().describe(plan.from()));
            return SyncVerbs.nothingDone(plan, spec);
        }
        StreamResult stream = streamer().ensure(plan.from());
        stream.notes().forEach(action.context()::warn);
        note(plan.from(), stream);
        if (stream.problem().isPresent()) {
            throw stream.problem().get();
        }
        return new SyncResult(
                plan.from(),
                plan.to(),
                source.name(),
                target.name(),
                SyncMode.STREAM,
                stream.state() + ", " + stream.lag() + " behind",
                false,
                stream.rowsWritten(),
                stream.rowsWritten(),
                0,
                0,
                0,
                0,
                0,
                stream.duration(),
                Map.of(),
                null,
                stream.confirmed(),
                false,
                stream.notes());
    }

    /** The table goes back to polling. */
    void end(TableName table) throws SQLException {
        StreamResult ended = streamer().end(table);
        ended.notes().forEach(action.context()::info);
        note(table, ended);
    }

    private TableStreamer streamer() {
        return new TableStreamer(source, target, action.context().work());
    }

    private void note(TableName table, StreamResult stream) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("table", table.toString());
        fields.putAll(stream.fields());
        fields.put("tables", stream.tables().size());
        action.context().record(new VerbResult("syncTable", fields));
    }

    private static void requireWhole(SyncPlan plan) {
        SyncOptions options = plan.options();
        if (!plan.from().equals(plan.to())
                || options.where() != null
                || !options.columns().isEmpty()) {
            throw new OperatorException(
                    "'mode stream' streams the whole of " + plan.from() + " under its own name",
                    "leave targetTable, where and columns out, or choose another mode.");
        }
    }
}
