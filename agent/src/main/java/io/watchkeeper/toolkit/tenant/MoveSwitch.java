package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The moment from which the new form counts. Inside one transaction: if the process dies in it, nothing of it has happened. */
record MoveSwitch(Session session, TenantId id, Tenancy to, String runId) {

    /** @throws OperatorException when the proof fails, and then all of it is to be taken back */
    boolean run(List<String> sums, TwinTables twins, ShutOut time) throws SQLException {
        MoveLedger.Move move = MoveLedger.find(session, id).orElseThrow();
        if (to == Tenancy.RLS) {
            requireNoGuestHasWritten(sums, twins, time);
        }
        for (String statement : statements()) {
            session.runVerbatim(statement);
        }
        if (to == Tenancy.SCHEMA) {
            for (String guest : new TemplateSchema(session).guests()) {
                session.runVerbatim(
                        "GRANT USAGE ON SCHEMA " + Identifiers.quote(id.schema()) + " TO " + Identifiers.quote(guest));
            }
        }
        // The proof is about what is hidden, and must not fail because something is.
        session.query("select set_config('row_security', 'on', true)");
        time.require();
        prove(time);
        // Not later than was allowed, whatever all of this took: else it is taken back.
        time.require();
        TenantLedger.Tenant now = TenantLedger.require(session, id);
        if (move.reopen()) {
            TenantLedger.setStatus(session, id, TenantDoor.ACTIVE);
        } else {
            TenantDoor.setRights(session, now, TenantDoor.SUSPENDED);
        }
        MoveLedger.moved(session, id, sums);
        return true;
    }

    /** What makes the new form count, for an open tenant. */
    List<String> statements() {
        String role = Identifiers.quote(id.role());
        if (to == Tenancy.SCHEMA) {
            return List.of(
                    "ALTER SCHEMA " + Identifiers.quote(id.movingSchema()) + " RENAME TO "
                            + Identifiers.quote(id.schema()),
                    "GRANT USAGE ON SCHEMA " + Identifiers.quote(id.schema()) + " TO " + role,
                    "REVOKE " + String.join(", ", TenantRoles.GROUPS) + " FROM " + role);
        }
        return List.of(
                "ALTER SCHEMA " + Identifiers.quote(id.schema()) + " RENAME TO " + Identifiers.quote(id.leftSchema()),
                "REVOKE ALL ON SCHEMA " + Identifiers.quote(id.leftSchema()) + " FROM " + role,
                TenantRoles.join(id));
    }

    /** Roles with rights of their own in the schema were not shut out: they wait from here on, and what they wrote before is looked for. */
    private void requireNoGuestHasWritten(List<String> sums, TwinTables twins, ShutOut time) throws SQLException {
        for (TwinTable twin : twins.all()) {
            session.runVerbatim("LOCK TABLE " + twin.own().name().quoted() + " IN SHARE ROW EXCLUSIVE MODE");
        }
        boolean guests = session.one(
                "select exists (select from pg_namespace n cross join lateral aclexplode(n.nspacl) a where n.nspname = ?"
                        + " and a.grantee not in (n.nspowner, coalesce(to_regrole(quote_ident(?))::oid, 0)))",
                row -> row.getBoolean(1),
                id.schema(),
                id.role());
        if (guests && !twins.compare(session, to, time).equals(sums)) {
            throw new OperatorException(
                    "rows of tenant '" + id + "' were changed after they were compared",
                    "a role with rights of its own in the schema " + id.schema()
                            + " writes there; the tenant is where it was: run the same again when it does not write.");
        }
    }

    private void prove(ShutOut time) throws SQLException {
        List<SharedTable> shared = SharedTable.all(session);
        if (to == Tenancy.RLS) {
            SharedPreparation.requireNoHoles(session, id);
        }
        TenantProof trial = new TenantProof(session, id, TenantProof.atMost(time.left()));
        Proof proof = to == Tenancy.SCHEMA ? trial.ofSchema(shared) : trial.ofRows(shared);
        Optional<OperatorException> failure = proof.failure();
        if (failure.isPresent()) {
            throw failure.get();
        }
        TenantLedger.record(session, id, runId, proof);
    }
}
