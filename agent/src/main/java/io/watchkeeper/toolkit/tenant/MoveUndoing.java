package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.tenant.MoveLedger.Move;
import io.watchkeeper.toolkit.tenant.MoveLedger.Phase;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Takes a move back that has not switched yet: the old form counts, and nothing is to be left of the new one. */
record MoveUndoing(Session session, TenantPace pace, TenantTransaction transaction) {

    /** Lets the tenant in again where it was shut out for the move. @return whether it was */
    boolean reopen(TenantId id) throws SQLException {
        return transaction.run(session, List.of(), () -> {
            Optional<Move> move = MoveLedger.find(session, id);
            if (move.isEmpty() || move.get().phase() != Phase.SHUT) {
                return false;
            }
            if (move.get().reopen()) {
                TenantDoor.open(session, TenantLedger.require(session, id));
            }
            MoveLedger.opened(session, id);
            return true;
        });
    }

    /**
     * That the form is there which counts, as the record has it: shared rows are a copy only as long as the tenant has its schema.
     *
     * @throws OperatorException when it is not, as where a record came back with a backup
     */
    static void requireOldForm(Session session, Move move) throws SQLException {
        TenantId id = move.tenant();
        boolean own = PassingSchema.exists(session, id.schema());
        Tenancy counts = move.phase().isOldForm() == (move.to() == Tenancy.RLS) ? Tenancy.SCHEMA : Tenancy.RLS;
        if (counts == Tenancy.RLS || (own && TenantLedger.require(session, id).tenancy() == Tenancy.SCHEMA)) {
            return;
        }
        throw new OperatorException(
                "a move of tenant '" + id + "' is on record (" + move.phase() + " to "
                        + move.to().word()
                        + "), and it has no schema of its own, so that its rows in shared tables may be all that there is",
                "look where its rows are; when they are in the shared tables, forget the move: DELETE FROM watchkeeper.tenant_moves WHERE"
                        + " tenant = " + Identifiers.quoteLiteral(id.text()) + ";");
    }

    /**
     * Removes what was copied, and forgets the move. Not of a tenant that is still shut out: that it is to be let in again stands in the record
     * alone.
     */
    void sweep(TenantId id, String subject) throws SQLException {
        Optional<Move> move = MoveLedger.find(session, id);
        if (move.isEmpty() || move.get().phase() != Phase.COPYING) {
            return;
        }
        requireOldForm(session, move.get());
        if (move.get().to() == Tenancy.RLS) {
            List<TenantTable> shared = TableOrder.childrenFirst(session, id);
            // Before the move began there was none of them.
            new RowRemoval(session, pace, Strangers.of(session, shared), subject).remove(shared, null);
        }
        transaction.run(session, List.of(), () -> {
            if (move.get().to() == Tenancy.SCHEMA) {
                PassingSchema.drop(session, id.movingSchema());
            }
            MoveLedger.end(session, id);
            return true;
        });
    }
}
