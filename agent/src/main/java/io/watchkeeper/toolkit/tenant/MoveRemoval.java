package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.tenant.MoveLedger.Move;
import io.watchkeeper.toolkit.tenant.MoveLedger.Phase;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Removes the old form after the switch. Nothing is removed that is not what was moved: somebody whom no policy and no schema holds may
 * have written there meanwhile.
 */
record MoveRemoval(Session session, TenantPace pace, MovePlan plan) {

    /** @return how many rows @throws OperatorException when the old form is not what was moved; it stays */
    long run(String subject) throws SQLException {
        TenantId id = plan.tenant();
        Move move = MoveLedger.find(session, id).orElseThrow();
        if (move.to() == Tenancy.RLS) {
            return dropSchema(id, move);
        }
        List<TenantTable> shared = TableOrder.childrenFirst(session, id);
        if (move.phase() == Phase.MOVED) {
            RowRemoval.waitForOlder(pace, String.valueOf(move.mark()));
            String before = RowRemoval.oldest(session);
            requireSame(shared, move.sums());
            MoveLedger.removing(session, id, before);
            move = MoveLedger.find(session, id).orElseThrow();
            session.work().progress(new Progress(subject, "removing", 0, -1, 0));
        }
        long removed =
                new RowRemoval(session, pace, Strangers.of(session, shared), subject).remove(shared, move.before());
        RowRemoval.requireGone(session, shared);
        MoveLedger.end(session, id);
        return removed;
    }

    private long dropSchema(TenantId id, Move move) throws SQLException {
        if (!PassingSchema.exists(session, id.leftSchema())) {
            // It was dropped, and the process died before it could say so; or somebody has done it by hand.
            MoveLedger.end(session, id);
            return 0;
        }
        return pace.batch(() -> {
            session.query(
                    "select set_config('lock_timeout', ?, true)",
                    String.valueOf(plan.lockTimeout().toMillis()));
            List<TenantTable> left = TenantTable.allOf(session, id.leftSchema());
            for (TenantTable table : left) {
                session.runVerbatim("LOCK TABLE " + table.name().quoted() + " IN ACCESS EXCLUSIVE MODE");
            }
            long rows = requireSame(left, move.sums());
            PassingSchema.drop(session, id.leftSchema());
            MoveLedger.end(session, id);
            return rows;
        });
    }

    private long requireSame(List<TenantTable> tables, List<String> sums) throws SQLException {
        long rows = 0;
        for (TenantTable table : tables) {
            RowSum now = RowSum.read(session, table);
            rows += now.rows();
            Optional<String> then = sums.stream()
                    .filter(line -> line.equals(table.name().name() + " " + now))
                    .findFirst();
            if (then.isEmpty() && now.rows() > 0) {
                throw new OperatorException(
                        "tenant '" + plan.tenant() + "' was moved, but what it has left in " + table.name()
                                + " is not what was moved any more: somebody has written there since, whom no policy holds",
                        "compare it with what the tenant has now, take over what is needed, remove the rest by hand, and run the same again.");
            }
        }
        return rows;
    }
}
