package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
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
                TenantLedger.Tenant tenant = TenantLedger.requireThere(session, id);
                requireNotLeaving(session, id, status);
                boolean wasMoving = moving(session, id, status);
                // Its status may have been written by somebody who has taken no right away.
                boolean shutAlready = status.equals(ACTIVE) || isShut(session, tenant);
                if (tenant.status().equals(status) && shutAlready) {
                    return wasMoving;
                }
                if (status.equals(SUSPENDED)) {
                    shut(session, tenant);
                } else {
                    setRights(session, tenant, status);
                    TenantLedger.setStatus(session, id, status);
                }
                if (status.equals(ACTIVE)) {
                    prove(session, tenant, runId);
                }
                return true;
            });
        }
    }

    /** A drop that has not removed anything yet is forgotten with it. @throws OperatorException when rows may be gone */
    private static void requireNotLeaving(Session session, TenantId id, String status) throws SQLException {
        Optional<DropLedger.Drop> drop = DropLedger.find(session, id);
        if (drop.isEmpty() || status.equals(SUSPENDED)) {
            return;
        }
        if (drop.get().archive() != null || TenantTurn.isTaken(session, id)) {
            throw new OperatorException(
                    "tenant '" + id + "' is being dropped, and some of its rows may be gone",
                    "run the same drop again, which ends it; docs/tenants.md says how it comes back from its archive.");
        }
        PassingSchema.drop(session, id.archiveSchema());
        DropLedger.forget(session, id);
    }

    /**
     * A tenant that is shut out for a move is let in when that is done, and a word said meanwhile counts.
     *
     * @return whether it would have been let in, and will not be
     * @throws OperatorException when it is to be let in and the move goes on
     */
    private static boolean moving(Session session, TenantId id, String status) throws SQLException {
        Optional<MoveLedger.Move> move = MoveLedger.find(session, id);
        if (move.isEmpty() || move.get().phase() != MoveLedger.Phase.SHUT) {
            return false;
        }
        if (status.equals(SUSPENDED)) {
            MoveLedger.staysShut(session, id);
            return move.get().reopen();
        }
        if (TenantTurn.isTaken(session, id)) {
            throw new OperatorException(
                    "tenant '" + id + "' is shut out for a moment, because it is being moved by run "
                            + move.get().runId(),
                    "wait for it; it is let in when that is done.");
        }
        MoveLedger.opened(session, id);
        return false;
    }

    /** Inside a transaction. @throws OperatorException when it would not be shut out */
    static void shut(Session session, TenantLedger.Tenant tenant) throws SQLException {
        setRights(session, tenant, SUSPENDED);
        requireShut(session, tenant);
        TenantLedger.setStatus(session, tenant.id(), SUSPENDED);
    }

    /** Inside a transaction, of a tenant that was proven when it was shut out. */
    static void open(Session session, TenantLedger.Tenant tenant) throws SQLException {
        setRights(session, tenant, ACTIVE);
        TenantLedger.setStatus(session, tenant.id(), ACTIVE);
    }

    /** Whether it has no way to its rows, whatever its status says. */
    static boolean isShut(Session session, TenantLedger.Tenant tenant) throws SQLException {
        TenantId id = tenant.id();
        if (!TenantRoles.exists(session, id.role())) {
            return true;
        }
        if (tenant.tenancy() == Tenancy.RLS) {
            return !session.one(
                    "select pg_has_role(?::name, ?::name, 'member')",
                    row -> row.getBoolean(1),
                    id.role(),
                    TenantRoles.GROUP);
        }
        return !session.one(
                "select has_schema_privilege(?::name, ?, 'usage')", row -> row.getBoolean(1), id.role(), id.schema());
    }

    /** A REVOKE may come to nothing without failing, for example where another role has granted it and this one may not take it away. */
    static void requireShut(Session session, TenantLedger.Tenant tenant) throws SQLException {
        if (isShut(session, tenant)) {
            return;
        }
        TenantId id = tenant.id();
        String role = Identifiers.quote(id.role());
        if (tenant.tenancy() == Tenancy.RLS) {
            throw new OperatorException(
                    "tenant '" + id + "' was not suspended: its role " + id.role() + " is still a member of "
                            + TenantRoles.GROUP,
                    membershipHint(session, id));
        } else {
            String schema = Identifiers.quote(id.schema());
            throw new OperatorException(
                    "tenant '" + id + "' was not suspended: its role " + id.role() + " may still use the schema "
                            + id.schema(),
                    "somebody else has granted that, or everybody may: SELECT nspacl FROM pg_namespace WHERE nspname = "
                            + Identifiers.quoteLiteral(id.schema())
                            + "; shows who (role=rights/grantor); then REVOKE USAGE ON SCHEMA "
                            + schema + " FROM " + role + "; as the grantor, or FROM PUBLIC.");
        }
    }

    private static String membershipHint(Session session, TenantId id) throws SQLException {
        List<String> grantors = session.list("""
                select quote_ident(g.rolname) from pg_auth_members m join pg_roles g on g.oid = m.grantor
                 where m.roleid = to_regrole(?)::oid and m.member = to_regrole(quote_ident(?))::oid order by 1""", row -> row.getString(1), TenantRoles.GROUP, id.role());
        if (grantors.isEmpty()) {
            return "it is a superuser, or a member through another role: SELECT roleid::regrole, grantor::regrole FROM pg_auth_members"
                    + " WHERE member = to_regrole(" + Identifiers.quoteLiteral(Identifiers.quote(id.role()))
                    + "); shows which, and REVOKE takes it away.";
        }
        return "pg_auth_members.grantor names who has granted it, and only that is taken away: "
                + String.join(
                        " ",
                        grantors.stream()
                                .map(one -> TenantRoles.leave(id) + " GRANTED BY " + one + ";")
                                .toList());
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

    /** The rights alone. Inside a transaction. */
    static void setRights(Session session, TenantLedger.Tenant tenant, String status) throws SQLException {
        for (String statement : statements(session, tenant, status)) {
            session.runVerbatim(statement);
        }
    }

    static List<String> statements(Session session, TenantLedger.Tenant tenant, String status) throws SQLException {
        boolean open = status.equals(ACTIVE);
        if (tenant.tenancy() == Tenancy.RLS) {
            return open ? List.of(TenantRoles.join(tenant.id())) : TenantRoles.leaving(session, tenant.id());
        }
        return List.of((open ? "GRANT" : "REVOKE") + " USAGE ON SCHEMA "
                + Identifiers.quote(tenant.id().schema()) + (open ? " TO " : " FROM ")
                + Identifiers.quote(tenant.id().role()));
    }

    /** What {@link #suspend} or {@link #resume} would do. @param open whether it is to be let in */
    public List<PlannedAction> describe(TenantId id, boolean open) throws SQLException {
        try (Session session = database.open(work)) {
            TenantLedger.Tenant tenant = TenantLedger.requireThere(session, id);
            String status = open ? ACTIVE : SUSPENDED;
            if (tenant.status().equals(status) && (open || isShut(session, tenant))) {
                return List.of();
            }
            List<PlannedAction> actions = new ArrayList<>();
            for (String statement : statements(session, tenant, status)) {
                actions.add(new PlannedAction(database.name(), statement, LockLevel.NONE, -1, -1, ""));
            }
            actions.add(new PlannedAction(
                    database.name(),
                    "UPDATE " + TenantLedger.TENANTS + " SET status = '" + status + "' WHERE id = ?",
                    LockLevel.ROW_EXCLUSIVE,
                    1,
                    -1,
                    open ? "then the proof, which is rolled back; if it fails, all of this is" : ""));
            return actions;
        }
    }
}
