package io.watchkeeper.toolkit.copy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what a prepared copy would do. */
final class CopyDescription {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Session source;
    private final Session target;
    private final PreparedCopy copy;

    private final List<PlannedAction> actions = new ArrayList<>();

    private CopyDescription(Session source, Session target, PreparedCopy copy) {
        this.source = source;
        this.target = target;
        this.copy = copy;
    }

    static List<PlannedAction> of(Session source, Session target, PreparedCopy copy) throws SQLException {
        CopyDescription description = new CopyDescription(source, target, copy);
        description.describe();
        return description.actions;
    }

    private void describe() throws SQLException {
        Estimate estimate = estimate();
        MergeLoad merge = copy.mergeKey() == null ? null : new MergeLoad(copy);
        describeKeyIndex();
        describeSuspension();
        here(CopySql.lockSource(List.of(copy.source())), LockLevel.ACCESS_SHARE, Estimate.NONE, "waits at most 5 s");
        boolean byAgent = copy.plan().options().method() == CopyMethod.COPY;
        boolean first = byAgent;
        for (TableName relation : byAgent ? copy.sourceRelations() : List.<TableName>of()) {
            String note = first ? notes() : "";
            here(CopySql.copyOut(copy, relation), LockLevel.ACCESS_SHARE, first ? estimate : Estimate.NONE, note);
            first = false;
        }
        ForeignServer.Statements foreign = byAgent ? null : ForeignServer.describe(source, target, copy);
        if (foreign != null) {
            describeForeign(foreign.before());
        }
        copy.triggersToDisable()
                .forEach(t -> there(
                        CopySql.disable(copy.target(), t),
                        LockLevel.SHARE_ROW_EXCLUSIVE,
                        Estimate.NONE,
                        "enabled again before the commit"));
        describeEmptying();
        String pace = copy.plan().options().pace().rateLimit() == null
                ? ""
                : "at most " + copy.plan().options().pace().rateLimit() + " per second";
        StandIn standIn = null;
        PreparedCopy filled = copy;
        if (copy.isSwap()) {
            TableName table = copy.target().name();
            standIn = StandIn.read(target, table, List.of(table));
            filled = copy.into(standIn.name());
            describeStandIn(standIn, filled, estimate, pace);
        } else if (merge != null) {
            describeMerge(merge, foreign, estimate, pace);
        } else if (foreign != null) {
            describeFetch(foreign, estimate);
            describeIndexes();
        } else {
            there(CopySql.copyIn(copy), LockLevel.ROW_EXCLUSIVE, estimate, pace);
            describeIndexes();
        }
        describeCatchUp();
        if (copy.plan().options().verify()) {
            here(CopySql.sourceDigest(copy), LockLevel.ACCESS_SHARE, estimate, "in the snapshot the rows are read in");
            String digest = merge == null ? CopySql.targetDigest(filled) : merge.digest();
            there(digest, LockLevel.ACCESS_SHARE, estimate, "must be equal, else rolled back");
        }
        if (foreign != null) {
            describeForeign(foreign.after());
        }
        if (standIn != null) {
            describeExchange(standIn);
        } else if (copy.silent()) {
            copy.target().foreignKeys().stream()
                    .map(CopySql::orphans)
                    .forEach(sql -> there(sql, LockLevel.ACCESS_SHARE, Estimate.NONE, "must be 0, else rolled back"));
        }
        for (TableShape.Sequence sequence : copy.target().sequences()) {
            if (copy.columnNames().contains(sequence.column())) {
                there(
                        CopySql.advance(copy.target(), sequence),
                        LockLevel.ROW_EXCLUSIVE,
                        Estimate.NONE,
                        "never moved back");
            }
        }
        describeEndOfSuspension();
        if (copy.plan().options().analyze()) {
            there(
                    "ANALYZE " + copy.target().name().quoted(),
                    LockLevel.SHARE_UPDATE_EXCLUSIVE,
                    Estimate.NONE,
                    "after the commit");
        }
    }

    private String notes() {
        List<String> notes = new ArrayList<>(copy.notes());
        CopyOptions options = copy.plan().options();
        if (copy.chunking() != Chunking.NONE) {
            String rows = options.pace().batch() == null
                    ? ChunkSize.of(null, copy).rows() + " rows at first"
                    : options.pace().batch() + " rows";
            String workers = options.pace().workersAskedFor() == null
                    ? "as many workers as pay"
                    : options.pace().workersAskedFor()
                            + (options.pace().workersAskedFor() == 1 ? " worker" : " workers");
            notes.add("in chunks of about " + rows + ", " + workers
                    + "; each is committed with its record in watchkeeper.copy_chunks of the target");
        }
        return String.join("; ", notes);
    }

    /** What was written while the chunks were copied. */
    private void describeCatchUp() {
        if (copy.chunking() == Chunking.OWN_VIEWS) {
            String since = "((xmin::text::bigint - :begun) & 4294967295) < :now - :begun";
            for (TableName relation : copy.sourceRelations()) {
                here(
                        CopySql.copyOut(copy, relation, since),
                        LockLevel.ACCESS_SHARE,
                        Estimate.NONE,
                        copy.mergeKey() == null
                                ? "what was written meanwhile; those rows are replaced, and rows that are gone are deleted"
                                : "what was written meanwhile; those rows are merged");
            }
        }
    }

    private void describeStandIn(StandIn standIn, PreparedCopy filled, Estimate estimate, String pace) {
        TableName table = copy.target().name();
        there(StandIn.hold(table), LockLevel.SHARE_UPDATE_EXCLUSIVE, Estimate.NONE, "readers and writers go on");
        steps(standIn.create(), LockLevel.ACCESS_SHARE, "a new table, not seen by others");
        there(CopySql.copyIn(filled), LockLevel.ROW_EXCLUSIVE, estimate, pace);
        steps(standIn.build(), LockLevel.ACCESS_SHARE, "on the new table");
    }

    private void describeExchange(StandIn standIn) {
        steps(standIn.link(), LockLevel.SHARE_ROW_EXCLUSIVE, "writers of the other table wait from here on");
        steps(
                standIn.release(),
                LockLevel.ACCESS_EXCLUSIVE,
                "waits at most 5 s; readers wait from here on, for moments");
        steps(standIn.replace(), LockLevel.ACCESS_EXCLUSIVE, "takes moments");
    }

    private void steps(List<String> statements, LockLevel lock, String note) {
        statements.stream()
                .filter(sql -> !sql.startsWith("select set_config"))
                .forEach(sql -> there(sql, lock, Estimate.NONE, note));
    }

    private void describeKeyIndex() {
        MergeIndex index = copy.mergeKey() == null ? null : copy.mergeKey().index();
        if (index != null) {
            there(
                    index.create(),
                    LockLevel.SHARE_UPDATE_EXCLUSIVE,
                    Estimate.NONE,
                    "before the copy, and stays; readers and writers go on");
        }
    }

    private void describeSuspension() throws SQLException {
        for (TableName table : suspended()) {
            there(
                    SuspendedAutovacuum.suspend(table),
                    LockLevel.SHARE_UPDATE_EXCLUSIVE,
                    Estimate.NONE,
                    "waits at most 5 s; recorded in watchkeeper." + SuspendedAutovacuum.TABLE
                            + " of the target; readers and writers go on");
        }
    }

    /** A new table keeps its settings when it takes the old one's place. */
    private List<TableName> suspended() throws SQLException {
        if (!copy.suspendsAutovacuum()) {
            return List.of();
        }
        TableName table = copy.target().name();
        return copy.isSwap()
                ? List.of(StandIn.read(target, table, List.of(table)).name())
                : SuspendedAutovacuum.filledBy(copy);
    }

    private void describeEndOfSuspension() throws SQLException {
        if (copy.suspendsAutovacuum()) {
            for (TableName table : SuspendedAutovacuum.filledBy(copy)) {
                there(
                        SuspendedAutovacuum.undo(target, table),
                        LockLevel.SHARE_UPDATE_EXCLUSIVE,
                        Estimate.NONE,
                        "as it was, also when the copy fails or its agent dies");
            }
        }
    }

    private void describeMerge(
            MergeLoad merge, ForeignServer.@Nullable Statements foreign, Estimate estimate, String pace) {
        merge.createStaging()
                .forEach(sql -> there(sql, LockLevel.ACCESS_SHARE, Estimate.NONE, "a table of this session only"));
        if (foreign == null) {
            there(merge.copyIn(), LockLevel.NONE, estimate, pace);
        } else {
            describeFetch(foreign, estimate);
        }
        merge.indexStaging().forEach(sql -> there(sql, LockLevel.NONE, estimate, "no key may come twice"));
        merge.makeRoom()
                .forEach(sql -> there(
                        sql,
                        sql.startsWith("LOCK") ? LockLevel.SHARE_ROW_EXCLUSIVE : LockLevel.ROW_EXCLUSIVE,
                        Estimate.NONE,
                        sql.startsWith("LOCK") ? "held until the commit, writers wait" : "rows that differ"));
        there(merge.merge(), LockLevel.ROW_EXCLUSIVE, estimate, "rows that are the same are left alone");
    }

    private void describeForeign(List<String> statements) {
        statements.forEach(sql -> there(sql, LockLevel.NONE, Estimate.NONE, "seen by this transaction only"));
    }

    private void describeFetch(ForeignServer.Statements foreign, Estimate estimate) {
        List<String> notes = new ArrayList<>(copy.notes());
        if (copy.plan().options().where() != null) {
            notes.add(
                    "whether the source evaluates the condition shows when the target's server plans it; the result says"
                            + " so where it does not");
        }
        boolean first = true;
        for (String insert : foreign.inserts()) {
            there(
                    insert,
                    LockLevel.ROW_EXCLUSIVE,
                    first ? estimate : Estimate.NONE,
                    first ? String.join("; ", notes) : "");
            first = false;
        }
    }

    private void describeIndexes() throws SQLException {
        if (copy.rebuildsIndexes()) {
            IndexRebuild indexes = IndexRebuild.of(target, copy);
            indexes.drop()
                    .forEach(sql -> there(
                            sql, LockLevel.ACCESS_EXCLUSIVE, Estimate.NONE, "before the load, in its transaction"));
            indexes.build().stream()
                    .filter(sql -> !sql.startsWith("select set_config"))
                    .forEach(sql -> there(sql, LockLevel.SHARE, Estimate.NONE, "after the load, before the commit"));
        }
    }

    private void describeEmptying() {
        Estimate old = new Estimate(copy.target().estimatedRows(), copy.target().estimatedBytes());
        for (String sql : CopySql.empty(List.of(copy))) {
            if (sql.startsWith("TRUNCATE")) {
                there(sql, LockLevel.ACCESS_EXCLUSIVE, old, "waits at most 5 s; held until the commit, readers wait");
            } else if (sql.startsWith("LOCK")) {
                there(sql, LockLevel.SHARE_ROW_EXCLUSIVE, Estimate.NONE, "held until the commit, writers wait");
            } else {
                there(sql, LockLevel.ROW_EXCLUSIVE, old, "readers see the old rows until the commit");
            }
        }
    }

    private void here(String sql, LockLevel lock, Estimate estimate, String note) {
        actions.add(new PlannedAction(source.database().name(), sql, lock, estimate.rows, estimate.bytes, note));
    }

    private void there(String sql, LockLevel lock, Estimate estimate, String note) {
        actions.add(new PlannedAction(target.database().name(), sql, lock, estimate.rows, estimate.bytes, note));
    }

    /** The planner's estimate, which also knows the condition and tables that were never analyzed. */
    private Estimate estimate() throws SQLException {
        List<TableName> relations = copy.sourceRelations();
        if (relations.isEmpty()) {
            return new Estimate(0, 0);
        }
        String sql = relations.stream().map(r -> CopySql.select(copy, r)).collect(Collectors.joining(" UNION ALL "));
        source.begin();
        try {
            source.update("SET TRANSACTION READ ONLY");
            String json = source.oneVerbatim("EXPLAIN (FORMAT JSON) " + sql, row -> row.getString(1));
            JsonNode plan = JSON.readTree(json).get(0).get("Plan");
            long rows = plan.get("Plan Rows").asLong();
            return new Estimate(rows, rows * plan.get("Plan Width").asLong());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("PostgreSQL's plan is no JSON", e);
        } finally {
            source.rollback();
        }
    }

    private record Estimate(long rows, long bytes) {
        static final Estimate NONE = new Estimate(-1, -1);
    }
}
