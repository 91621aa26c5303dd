package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.TableArchive;
import io.watchkeeper.toolkit.tenant.DropLedger.Drop;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Archives a suspended tenant and removes it. Nothing is removed before its rows are in an archive that was restored, compared and read
 * again; and no row that is not in it. Whenever the process dies, the next run goes on: before the rows are known to be archived it begins
 * anew, after that it removes the rest. The tenant's row stays, marked.
 */
public final class TenantDrop {

    private final Database database;
    private final Database testServer;
    private final BackupSettings backups;
    private final Work work;

    /** @param testServer on whose server the archive is restored, to compare it */
    public TenantDrop(Database database, Database testServer, BackupSettings backups, Work work) {
        this.database = database;
        this.testServer = testServer;
        this.backups = backups;
        this.work = work;
    }

    /**
     * Drops it, or goes on with a drop that was begun. Of a tenant that was dropped before nothing is done.
     *
     * @param runId stands on record
     * @throws OperatorException when it is not confirmed, not suspended, cannot be archived, or something refers to its rows
     */
    public TenantDropResult drop(DropPlan plan, String runId) throws SQLException {
        plan.requireConfirmed();
        TenantId id = plan.tenant();
        String subject = "tenant " + id;
        TableArchive archive = new TableArchive(database, testServer, backups, work);
        try (Session session = database.open(work)) {
            TenantTurn.take(session, id);
            DropLedger.prepare(session);
            RowSum.pinSettings(session);
            TenantLedger.Tenant tenant = TenantLedger.require(session, id);
            Optional<Drop> begun = DropLedger.find(session, id);
            if (begun.isEmpty() && tenant.isDropped()) {
                return new TenantDropResult(database.name(), id, "", Map.of(), false);
            }
            if (begun.isEmpty() || begun.get().archive() == null) {
                DropCheck check = new DropCheck(session, tenant);
                check.requireSuspended();
                check.require();
                check.requireMarkable();
                archive.require();
            }
            if (begun.isEmpty()) {
                begin(session, plan, runId);
                work.progress(new Progress(subject, "begun", 0, -1, 0));
            }
            Drop drop = DropLedger.find(session, id).orElseThrow();
            TenantPace pace = new TenantPace(session, plan.gentleness());
            if (drop.archive() == null) {
                archive(new TenantArchiving(session, pace, plan, archive, subject), tenant, drop);
                drop = DropLedger.find(session, id).orElseThrow();
            }
            return removed(new TenantRemoval(session, pace, plan, archive, subject), drop, id);
        } catch (WorkCancelledException e) {
            DropSweep.rescue(database, id, e);
            throw e;
        } finally {
            work.progress(Progress.finished(subject));
        }
    }

    /** The check took its time, and the tenant may have been let in meanwhile: it is looked at again where nobody can do that. */
    private static void begin(Session session, DropPlan plan, String runId) throws SQLException {
        new TenantTransaction(plan.lockTimeout(), plan.attempts()).run(session, List.of(), () -> {
            DropCheck.requireShutOut(session, plan.tenant());
            DropLedger.begin(
                    session,
                    plan.tenant(),
                    TenantLedger.require(session, plan.tenant()).tenancy(),
                    runId);
            return true;
        });
    }

    /** When it does not succeed nothing is left of it, and the tenant is as it was. */
    private static void archive(TenantArchiving archiving, TenantLedger.Tenant tenant, Drop drop) throws SQLException {
        try {
            archiving.run(tenant.id(), drop.form());
        } catch (SQLException | OperatorException e) {
            archiving.undo(tenant.id(), e);
            throw e;
        }
    }

    private TenantDropResult removed(TenantRemoval removal, Drop drop, TenantId id) throws SQLException {
        removal.run(drop);
        Map<String, Long> rows = new LinkedHashMap<>();
        for (String line : drop.sums()) {
            RowSum sum = RowSum.last(line);
            rows.put(RowSum.name(line), sum.rows());
        }
        return new TenantDropResult(database.name(), id, String.valueOf(drop.archive()), rows, true);
    }

    /** What {@link #drop} would do, with the rows of each table; changes nothing. @throws OperatorException as it would */
    public List<PlannedAction> describe(DropPlan plan) throws SQLException {
        TableArchive archive = new TableArchive(database, testServer, backups, work);
        try (Session session = database.open(work)) {
            return new DropDescription(session, plan, archive).actions();
        }
    }
}
