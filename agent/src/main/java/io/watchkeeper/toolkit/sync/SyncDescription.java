package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopiedColumn;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.MergeLoad;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.toolkit.copy.SourceSnapshot;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says what a round would do. */
final class SyncDescription {

    private final Session source;
    private final Session target;
    private final List<PlannedAction> actions = new ArrayList<>();

    private SyncDescription(Session source, Session target) {
        this.source = source;
        this.target = target;
    }

    static List<PlannedAction> of(SyncPlan plan, Session source, Session target) throws SQLException {
        SyncDescription description = new SyncDescription(source, target);
        try {
            description.describe(plan);
        } catch (SQLException | OperatorException e) {
            if (SyncRights.isMissing(e)) {
                throw SyncRights.explain(plan, source, target, e);
            }
            throw e;
        }
        return description.actions;
    }

    private void describe(SyncPlan plan) throws SQLException {
        TableShape here = TableShape.read(source, plan.from());
        TableShape there = TableShape.read(target, plan.to());
        List<TableShape.Column> missing = AddedColumns.missing(plan, here, there);
        if (!missing.isEmpty() && plan.options().followColumns()) {
            there(
                    AddedColumns.statement(there, missing),
                    LockLevel.ACCESS_EXCLUSIVE,
                    -1,
                    "waits at most 5 s; the round that follows is planned once they are there");
            return;
        }
        if (SourceXmin.isMissing(plan, there)) {
            SourceXmin.use(plan, here, there, target);
            there(
                    SourceXmin.addColumn(there),
                    LockLevel.ACCESS_EXCLUSIVE,
                    -1,
                    "waits at most 5 s; the round that follows is planned once it is there");
            for (TableName table : SourceXmin.indexed(there)) {
                there(
                        SourceXmin.createIndex(table),
                        LockLevel.SHARE_UPDATE_EXCLUSIVE,
                        -1,
                        "outside of the round's transaction");
            }
            return;
        }
        PreparedSync sync = AddedColumns.prepare(plan, source, target);
        @Nullable
        SyncState state =
                SyncRecord.look(target, sync.target().name(), sync.scope()).orElse(null);
        if (state != null) {
            ColumnDrift.requireNone(sync, state, source, target);
        }
        Optional<Lsn> replayed = SourceMark.replayed(source);
        SourceSnapshot view =
                SourceSnapshot.open(source, List.of(sync.source()), sync.copy().holdsObjectNames());
        try {
            SourceMark now = SourceMark.read(source, sync.copy().sourceRelations());
            describe(sync, state, now, Decision.of(sync, state, now, replayed, TimelineHistory.of(source)));
        } finally {
            view.close();
        }
    }

    private void describe(PreparedSync sync, @Nullable SyncState state, SourceMark now, Decision decision) {
        String mode = "mode " + (sync.options().mode() == SyncMode.AUTO ? "auto → " : "") + decision.mode() + ": "
                + decision.reason()
                + (state == null
                        ? ""
                        : "; last round " + io.watchkeeper.units.DurationText.say(state.sinceSynced()) + " ago");
        here(CopySql.lockSource(List.of(sync.source())), -1, mode + "; waits at most 5 s");
        long rows = sync.source().estimatedRows();
        MergeLoad merge = sync.merge(1);
        switch (decision.mode()) {
            case XMIN -> {
                String window = state == null ? "true" : now.writtenSince(state.mark());
                for (TableName relation : sync.copy().sourceRelations()) {
                    here(
                            "SELECT count(*), count(*) FILTER (WHERE " + window + ") FROM ONLY " + relation.quoted()
                                    + CopySql.where(sync.copy(), null),
                            rows,
                            "a scan; only rows of the window travel");
                    here(CopySql.copyOut(sync.copy(), relation, window), -1, "");
                }
            }
            case TIMESTAMP -> {
                String since =
                        state == null || state.watermark() == null ? null : Watermark.since(sync, state.watermark());
                for (TableName relation : sync.copy().sourceRelations()) {
                    here(CopySql.copyOut(sync.copy(), relation, since), -1, Watermark.blindness(sync));
                }
            }
            default -> {
                here(
                        sync.sourceRows(sync.hashHere() + " AS k, "
                                + CopySql.rowHash(sync.copy(), sync.copy().columns(), CopiedColumn::sourceText)
                                + " AS h"),
                        rows,
                        "summed by buckets on both servers at once; rows of buckets that differ travel");
                there(
                        sync.targetRows(
                                sync.hashThere() + " AS k, "
                                        + CopySql.rowHash(
                                                sync.copy(), sync.copy().columns(), CopiedColumn::targetText)
                                        + " AS h",
                                null),
                        LockLevel.ACCESS_SHARE,
                        sync.target().estimatedRows(),
                        "");
            }
        }
        there(
                "LOCK TABLE " + sync.target().quotedAlone() + " IN SHARE ROW EXCLUSIVE MODE",
                LockLevel.SHARE_ROW_EXCLUSIVE,
                -1,
                "writers wait until the commit, readers do not; waits at most 5 s");
        if (sync.options().deletes()) {
            there(
                    "DELETE FROM " + sync.target().quotedAlone() + " t USING pg_temp.watchkeeper_gone_1 g WHERE "
                            + sync.equalKeys("t", "g"),
                    LockLevel.ROW_EXCLUSIVE,
                    -1,
                    "keys that are gone from the source; at most "
                            + sync.options().maxDeletes() + ", else nothing is changed");
        }
        merge.makeRoom().stream()
                .filter(sql -> sql.startsWith("DELETE"))
                .forEach(sql -> there(sql, LockLevel.ROW_EXCLUSIVE, -1, "rows that differ"));
        there(merge.merge(), LockLevel.ROW_EXCLUSIVE, -1, "rows that are new or differ");
        there(
                "UPDATE watchkeeper." + SyncRecord.TABLES + ", watchkeeper." + SyncRecord.LEAVES,
                LockLevel.ROW_EXCLUSIVE,
                -1,
                "the record of the round, in the same transaction");
    }

    private void here(String sql, long rows, String note) {
        actions.add(new PlannedAction(source.database().name(), sql, LockLevel.ACCESS_SHARE, rows, -1, note));
    }

    private void there(String sql, LockLevel lock, long rows, String note) {
        actions.add(new PlannedAction(target.database().name(), sql, lock, rows, -1, note));
    }
}
