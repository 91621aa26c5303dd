package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.TableName;
import java.util.ArrayList;
import java.util.List;

/** Says what a measurement would do. */
final class WorkerBenchDescription {

    private final String source;
    private final String target;
    private final PreparedCopy real;
    private final BenchTable scratch;
    private final List<PlannedAction> actions = new ArrayList<>();

    WorkerBenchDescription(String source, String target, PreparedCopy real, BenchTable scratch) {
        this.source = source;
        this.target = target;
        this.real = real;
        this.scratch = scratch;
    }

    List<PlannedAction> actions(WorkerBench.Plan plan, int most) {
        there("CREATE SCHEMA " + AgentSchema.NAME, LockLevel.NONE, "with the agent's own records, unless it is there");
        there(
                BenchTable.record(),
                LockLevel.ROW_EXCLUSIVE,
                "so that the next run drops the table, should this one die");
        scratch.create().forEach(sql -> there(sql, LockLevel.ACCESS_SHARE, "like the target's, which stays as it is"));
        actions.add(new PlannedAction(
                source,
                CopySql.lockSource(List.of(real.source())),
                LockLevel.ACCESS_SHARE,
                -1,
                -1,
                "waits at most 5 s"));
        String times = "once to warm up and twice with each of 1 to " + most + " workers, in chunks";
        String much = plan.rows() == null
                ? "as many rows as one worker copies in " + WorkerBench.EACH.toSeconds() + " s"
                : "the first " + plan.rows() + " rows, about";
        for (TableName relation : real.sourceRelations()) {
            actions.add(new PlannedAction(
                    source,
                    CopySql.copyOut(real, relation),
                    LockLevel.ACCESS_SHARE,
                    rows(plan),
                    -1,
                    much + "; " + times));
        }
        there("TRUNCATE ONLY " + scratch.name().quoted(), LockLevel.ACCESS_EXCLUSIVE, "before each");
        there(CopySql.copyIn(real, scratch.name(), false), LockLevel.ROW_EXCLUSIVE, times);
        there(scratch.drop(), LockLevel.ACCESS_EXCLUSIVE, "at the end, also after Ctrl-C or a failure");
        return actions;
    }

    private long rows(WorkerBench.Plan plan) {
        long known = real.source().estimatedRows();
        if (plan.rows() == null) {
            return known;
        }
        return known < 0 ? plan.rows() : Math.min(known, plan.rows());
    }

    private void there(String sql, LockLevel lock, String note) {
        actions.add(new PlannedAction(target, sql, lock, -1, -1, note));
    }
}
