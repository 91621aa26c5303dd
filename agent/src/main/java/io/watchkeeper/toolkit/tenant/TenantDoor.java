package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Shuts a tenant out and lets it in again. Its rows stay as they are. What is taken away is what every statement asks for, so that open
 * sessions feel it at their next statement, also those of a gateway that goes on serving others.
 */
public final class TenantDoor {

    static final String SUSPENDED = "suspended";
    static final String ACTIVE = "active";

    private final Database database;
    private final Work work;

    public TenantDoor(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /** @return whether it was not so before @throws OperatorException when there is no such tenant */
    public boolean suspend(TenantId id) throws SQLException {
        return change(id, SUSPENDED, "");
    }

    /**
     * Lets it in again, once it is proven anew that it is kept apart.
     *
     * @return whether it was not so before
     * @throws OperatorException when there is no such tenant, or the proof fails, and then it stays shut out
     */
    public boolean resume(TenantId id, String runId) throws SQLException {
        return change(id, ACTIVE, runId);
    }

    private boolean change(TenantId id, String status, String runId) throws SQLException {
        try (Session session = database.open(work)) {
            TenantLedger.require(session, id);
            TenantLedger.prepare(session);
            return new TenantTransaction(TenantWish.LOCK_TIMEOUT, TenantWish.ATTEMPTS).run(session, List.of(), () -> {
                TenantLedger.Tenant tenant = TenantLedger.require(session, id);
                if (tenant.status().equals(status)) {
                    return false;
                }
                session.runVerbatim(statement(tenant, status));
                TenantLedger.setStatus(session, id, status);
                if (status.equals(ACTIVE)) {
                    prove(session, tenant, runId);
                }
                return true;
            });
        }
    }

    private static void prove(Session session, TenantLedger.Tenant tenant, String runId) throws SQLException {
        List<SharedTable> shared = SharedTable.all(session);
        TenantProof trial = new TenantProof(session, tenant.id());
        Proof proof = tenant.tenancy() == Tenancy.SCHEMA ? trial.ofSchema(shared) : trial.ofRows(shared);
        Optional<OperatorException> failure = proof.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
        TenantLedger.record(session, tenant.id(), runId, proof);
    }

    private static String statement(TenantLedger.Tenant tenant, String status) {
        boolean open = status.equals(ACTIVE);
        if (tenant.tenancy() == Tenancy.RLS) {
            return open ? TenantRoles.join(tenant.id()) : TenantRoles.leave(tenant.id());
        }
        return (open ? "GRANT" : "REVOKE") + " USAGE ON SCHEMA "
                + Identifiers.quote(tenant.id().schema()) + (open ? " TO " : " FROM ")
                + Identifiers.quote(tenant.id().role());
    }

    /** What {@link #suspend} or {@link #resume} would do. @param open whether it is to be let in */
    public List<PlannedAction> describe(TenantId id, boolean open) throws SQLException {
        try (Session session = database.open(work)) {
            TenantLedger.Tenant tenant = TenantLedger.require(session, id);
            String status = open ? ACTIVE : SUSPENDED;
            if (tenant.status().equals(status)) {
                return List.of();
            }
            return List.of(
                    new PlannedAction(database.name(), statement(tenant, status), LockLevel.NONE, -1, -1, ""),
                    new PlannedAction(
                            database.name(),
                            "UPDATE " + TenantLedger.TENANTS + " SET status = '" + status + "' WHERE id = ?",
                            LockLevel.ROW_EXCLUSIVE,
                            1,
                            -1,
                            open ? "then the proof, which is rolled back; if it fails, all of this is" : ""));
        }
    }
}
