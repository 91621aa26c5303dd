package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.tenant.MoveLedger.Move;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives a tenant its other form: rows of shared tables become a schema of its own, or the other way round. The rows are copied while the
 * tenant works; then it is shut out for as long as the last differences and a comparison of all rows take; then one transaction switches.
 *
 * <p>What counts is recorded before anything is done. When the process dies before the switch, the old form counts, and the next run goes
 * on from what was copied; the sweep lets a tenant in again that was shut out. When it dies after the switch, the new form counts, and the
 * next run removes what is left of the old one.
 */
public final class TenantMove {

    private static final int PASSES = 5;

    private final Database database;
    private final Work work;

    public TenantMove(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /**
     * Moves it, or goes on with a move that was begun.
     *
     * @param runId stands with the proof
     * @throws OperatorException when it may not, or cannot be done; the tenant is then where it was, or, after the switch, in its new form
     */
    public TenantMoveResult move(MovePlan plan, String runId) throws SQLException {
        String subject = "tenant " + plan.tenant();
        boolean[] lost = {false};
        try (Session session = database.open(work)) {
            TenantTurn.take(session, plan.tenant());
            TenantLedger.prepare(session);
            MoveLedger.prepare(session);
            RowSum.pinSettings(session);
            try {
                return new Running(session, plan, runId, subject).run();
            } finally {
                lost[0] = !session.isUsable();
            }
        } catch (SQLException | RuntimeException e) {
            if (lost[0] || e instanceof WorkCancelledException) {
                new MoveRescue(database, plan).reopen(e);
            }
            throw e;
        } finally {
            work.progress(Progress.finished(subject));
        }
    }

    /** What {@link #move} would do; changes nothing. @throws OperatorException as it would */
    public List<PlannedAction> describe(MovePlan plan) throws SQLException {
        try (Session session = database.open(work)) {
            return new MoveDescription(session, plan).actions();
        }
    }

    /** One move with what it works with. */
    private final class Running {

        private final Session session;
        private final MovePlan plan;
        private final TenantId id;
        private final String runId;
        private final String subject;
        private final TenantPace pace;
        private final TenantTransaction transaction;
        private final MoveUndoing undoing;

        Running(Session session, MovePlan plan, String runId, String subject) {
            this.session = session;
            this.plan = plan;
            this.id = plan.tenant();
            this.runId = runId;
            this.subject = subject;
            this.pace = new TenantPace(session, plan.gentleness());
            this.transaction = new TenantTransaction(plan.lockTimeout(), plan.attempts());
            this.undoing = new MoveUndoing(session, pace, transaction);
        }

        TenantMoveResult run() throws SQLException {
            TenantLedger.Tenant tenant = TenantLedger.requireThere(session, id);
            MoveCheck.requireNotLeaving(session, id);
            Optional<Move> begun = MoveLedger.find(session, id);
            if (begun.isPresent()) {
                MoveUndoing.requireOldForm(session, begun.get());
            }
            if (begun.isPresent() && !begun.get().phase().isOldForm()) {
                // It died after the switch: whatever is wanted now, the old rows go first.
                long removed = new MoveRemoval(session, pace, plan).run(subject);
                if (begun.get().to() == plan.to()) {
                    return result(begun.get().sums(), removed, Duration.ZERO);
                }
            } else if (begun.isPresent()) {
                undoing.reopen(id);
                if (begun.get().to() != plan.to()) {
                    undoing.sweep(id, subject);
                    return result(List.of(), 0, Duration.ZERO);
                }
                return forward(() -> copyAndSwitch(twinsOfTarget()));
            }
            if (tenant.tenancy() == plan.to()) {
                return new TenantMoveResult(
                        database.name(), id, plan.to(), Map.of(), 0, Duration.ZERO, false, List.of());
            }
            begin();
            return forward(() -> copyAndSwitch(twinsOfTarget()));
        }

        private TwinTables twinsOfTarget() throws SQLException {
            TwinTables twins =
                    TwinTables.read(session, id, plan.to() == Tenancy.SCHEMA ? id.movingSchema() : id.schema());
            twins.require(session, plan.to());
            return twins;
        }

        /** Writes down that the target is worth nothing yet, and makes it, in one transaction. */
        private void begin() throws SQLException {
            new MoveCheck(session, id, plan.to()).require();
            if (plan.to() == Tenancy.RLS) {
                SharedPreparation.prepare(session, id, transaction, () -> true);
                SharedPreparation.requireNoHoles(session, id);
            }
            transaction.run(session, List.of(), () -> {
                MoveLedger.begin(session, id, plan.to(), runId);
                if (plan.to() == Tenancy.SCHEMA) {
                    TemplateSchema template = new TemplateSchema(session);
                    template.make(id, id.movingSchema());
                    // The tenant gets in when there is something to see.
                    closeSchema(id.movingSchema());
                }
                return true;
            });
            say("begun");
        }

        private void closeSchema(String schema) throws SQLException {
            for (String who : session.list(
                    "select distinct pg_get_userbyid(a.grantee) from pg_namespace n cross join lateral aclexplode(n.nspacl) a"
                            + " where n.nspname = ? and a.grantee not in (0, n.nspowner)",
                    row -> row.getString(1),
                    schema)) {
                session.runVerbatim(
                        "REVOKE USAGE ON SCHEMA " + Identifiers.quote(schema) + " FROM " + Identifiers.quote(who));
            }
        }

        private TenantMoveResult copyAndSwitch(TwinTables twins) throws SQLException {
            RowSync sync = new RowSync(session, pace, plan.to(), subject);
            SequenceHandover sequences = new SequenceHandover(session, twins.all(), plan.to());
            if (plan.to() == Tenancy.RLS) {
                // So that others are not given a number that comes along.
                sequences.run(pace);
            }
            long changed = Long.MAX_VALUE;
            for (int pass = 1; pass <= PASSES && changed > plan.gentleness().batch(); pass++) {
                changed = sync.pass(twins, pass == 1 ? "copy" : "catch up");
            }
            long shutAt = System.nanoTime();
            List<String> sums = shutAndSwitch(twins, sequences, ShutOut.from(session, plan, shutAt));
            Duration shutOut = Duration.ofNanos(System.nanoTime() - shutAt);
            say("moved");
            long removed = new MoveRemoval(session, pace, plan).run(subject);
            return result(sums, removed, shutOut);
        }

        private List<String> shutAndSwitch(TwinTables twins, SequenceHandover sequences, ShutOut time)
                throws SQLException {
            transaction.run(session, List.of(), () -> shut());
            say("shut");
            String most = session.one("select current_setting('statement_timeout')", row -> row.getString(1));
            time.require();
            TenantPace hurried = pace.hurried(time::require);
            new WriterWait(hurried, id).run(twins.sources(plan.to()), time.end());
            new RowSync(session, hurried, plan.to(), subject).pass(twins, "last");
            time.require();
            say("compare");
            List<String> sums = twins.compare(session, plan.to(), time);
            sequences.run(hurried);
            say("switch");
            transaction.run(session, List.of(), () -> {
                time.require();
                return new MoveSwitch(session, id, plan.to(), runId).run(sums, twins, time);
            });
            session.query("select set_config('statement_timeout', ?, false)", most);
            return sums;
        }

        private boolean shut() throws SQLException {
            TenantLedger.Tenant tenant = TenantLedger.requireThere(session, id);
            MoveLedger.shut(session, id, !tenant.isSuspended());
            if (!tenant.isSuspended()) {
                MoveCheck.requireNoGateway(session, id);
                TenantDoor.shut(session, tenant);
            } else {
                // The application may have written the word itself, and shuts nobody out by that.
                TenantDoor.setRights(session, tenant, TenantDoor.SUSPENDED);
                TenantDoor.requireShut(session, tenant);
            }
            return true;
        }

        private TenantMoveResult forward(Moving moving) throws SQLException {
            try {
                return moving.run();
            } catch (SQLException | RuntimeException e) {
                if (!session.isUsable() || e instanceof WorkCancelledException) {
                    throw e;
                }
                session.rollback();
                Optional<Move> left = MoveLedger.find(session, id);
                if (left.isEmpty() || !left.get().phase().isOldForm()) {
                    throw e;
                }
                new MoveRescue(database, plan).undo(session, subject, e);
                if (e instanceof SQLException failed) {
                    throw explained(failed);
                }
                throw e;
            }
        }

        private OperatorException explained(SQLException e) {
            boolean slow = SqlStates.QUERY_CANCELED.equals(e.getSQLState());
            return new OperatorException(
                    "tenant '" + id + "' was not moved: "
                            + (slow
                                    ? "it would be shut out for longer than "
                                            + plan.shutOut().toMillis() + " ms"
                                    : e.getMessage()),
                    "it is where it was and works. "
                            + (slow
                                    ? "Allow more: shutOut 2.minutes (--shut-out 2m)."
                                    : "Mend that, and run the same again."),
                    e);
        }

        private void say(String stage) {
            work.progress(new Progress(subject, stage, 0, -1, 0));
        }

        private TenantMoveResult result(List<String> sums, long removed, Duration shutOut) {
            Map<String, Long> rows = new LinkedHashMap<>();
            for (String line : sums) {
                rows.put(RowSum.name(line), RowSum.last(line).rows());
            }
            return new TenantMoveResult(database.name(), id, plan.to(), rows, removed, shutOut, true, List.of());
        }
    }

    @FunctionalInterface
    private interface Moving {
        TenantMoveResult run() throws SQLException;
    }
}
