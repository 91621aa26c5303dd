package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.toolkit.copy.BucketComparison;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.PreparedCopy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Says what a verification would do. */
final class VerifyDescription {

    private final SessionPair pair;
    private final PreparedVerification plan;
    private final List<PlannedAction> actions = new ArrayList<>();

    private VerifyDescription(SessionPair pair, PreparedVerification plan) {
        this.pair = pair;
        this.plan = plan;
    }

    static List<PlannedAction> of(SessionPair pair, PreparedVerification plan) throws SQLException {
        VerifyDescription description = new VerifyDescription(pair, plan);
        description.compare();
        if (plan.plan().options().repair() == Repair.APPLY) {
            description.repair(RepairPreparation.prepare(plan, pair));
        } else if (plan.plan().options().repair() == Repair.PLAN) {
            RepairPreparation.requireScript(plan, pair.target().database());
            description.here(
                    "SELECT … FROM " + plan.here().from(),
                    LockLevel.ACCESS_SHARE,
                    -1,
                    "of keys that differ, to write the statements of a repair; nothing is changed");
        }
        return description.actions;
    }

    private void compare() {
        String where = String.join("; ", plan.notes());
        boolean inRanges = Comparison.inRanges(plan);
        here(Views.lock(plan.here().shape()), LockLevel.ACCESS_SHARE, -1, "waits at most 5 s");
        there(Views.lock(plan.there().shape()), LockLevel.ACCESS_SHARE, -1, "waits at most 5 s");
        if (inRanges) {
            long ranges = (long) Math.ceil(plan.estimatedRows()
                    / RangeWalk.firstSize(plan.plan().options().chunkTime()));
            where = (where.isEmpty() ? "" : where + "; ") + "in about " + ranges
                    + " ranges of the key, each in a view of its own";
        }
        here(plan.here().digest(null), LockLevel.ACCESS_SHARE, plan.estimatedRows(), where);
        there(plan.there().digest(null), LockLevel.ACCESS_SHARE, plan.estimatedRows(), "at the same time");
        if (plan.plan().options().by() == VerifyBy.COUNT) {
            return;
        }
        BucketComparison.Differing some = new BucketComparison.Differing(511, List.of(), 0, 0);
        String rows = " AND " + some.condition(plan.here().keyHash());
        here(
                "SELECT k & 511, count(*), sum(h) FROM (" + plan.here().hashes(null) + ") r GROUP BY 1",
                LockLevel.ACCESS_SHARE,
                -1,
                "only if the sums differ, and so on with finer buckets; then the keys of those:" + rows);
        there(
                "SELECT k & 511, count(*), sum(h) FROM (" + plan.there().hashes(null) + ") r GROUP BY 1",
                LockLevel.ACCESS_SHARE,
                -1,
                "only if the sums differ");
        if (inRanges && !plan.target().isStandby()) {
            there(
                    "INSERT INTO watchkeeper.verifications … ON CONFLICT (plan) DO UPDATE …",
                    LockLevel.ROW_EXCLUSIVE,
                    1,
                    "after each range, where the role may; deleted at the end");
        }
    }

    private void repair(PreparedCopy copy) {
        String table = copy.target().quotedAlone();
        there(
                "LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE",
                LockLevel.SHARE_ROW_EXCLUSIVE,
                -1,
                "only if rows differ, and not more than "
                        + plan.plan().options().maxDeletes() + " would be deleted");
        copy.triggersToDisable()
                .forEach(trigger -> there(
                        CopySql.disable(copy.target(), trigger),
                        LockLevel.SHARE_ROW_EXCLUSIVE,
                        -1,
                        "enabled again before the commit"));
        for (var relation : copy.sourceRelations()) {
            here(CopySql.copyOut(copy, relation), LockLevel.ACCESS_SHARE, -1, "only rows whose keys differ");
        }
        there("DELETE FROM " + table + " …", LockLevel.ROW_EXCLUSIVE, -1, "rows whose keys differ");
        there(
                "INSERT INTO " + copy.target().name().quoted() + " … OVERRIDING SYSTEM VALUE SELECT …",
                LockLevel.ROW_EXCLUSIVE,
                -1,
                "what the source has of them; then those rows are compared again");
    }

    private void here(String sql, LockLevel lock, long rows, String note) {
        actions.add(new PlannedAction(pair.source().database().name(), sql, lock, rows, -1, note));
    }

    private void there(String sql, LockLevel lock, long rows, String note) {
        actions.add(new PlannedAction(pair.target().database().name(), sql, lock, rows, -1, note));
    }
}
