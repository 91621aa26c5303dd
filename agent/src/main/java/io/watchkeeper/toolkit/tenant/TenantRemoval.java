package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.TableArchive;
import io.watchkeeper.toolkit.tenant.DropLedger.Drop;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Removes a tenant whose rows are archived: the rows, then the role, and its row is marked. Each step may be done again. */
record TenantRemoval(Session session, TenantPace pace, DropPlan plan, TableArchive archive, String subject) {

    /** @throws OperatorException when the archive is not whole, or rows are there that it does not hold */
    void run(Drop drop) throws SQLException {
        TenantId id = plan.tenant();
        String written = String.valueOf(drop.archive());
        Optional<String> problem = archive.problem(written);
        if (problem.isPresent()) {
            throw new OperatorException(
                    problem.get() + ", so that nothing more of tenant '" + id + "' is removed",
                    "bring the archive back from its copy; or, as long as no row was removed, let it be made anew: UPDATE"
                            + " watchkeeper.tenant_drops SET archive = NULL WHERE tenant = "
                            + Identifiers.quoteLiteral(id.text()) + " AND ended_at IS NULL;");
        }
        if (drop.form() == Tenancy.SCHEMA) {
            dropSchema(id, written);
        } else {
            List<TenantTable> shared = TableOrder.childrenFirst(session, id);
            new RowRemoval(session, pace, Strangers.of(session, shared), subject)
                    .remove(shared.stream().filter(one -> isArchived(one, drop)).toList(), drop.before());
            RowRemoval.requireGone(session, shared);
        }
        session.work().progress(new Progress(subject, "role", 0, -1, 0));
        new TenantTransaction(plan.lockTimeout(), plan.attempts()).run(session, List.of(), () -> end(id));
    }

    /** A table may have come up since, or got a column tenant_id. */
    private static boolean isArchived(TenantTable table, Drop drop) {
        return drop.sums().stream()
                .anyMatch(line -> RowSum.name(line).equals(table.name().toString()));
    }

    private void dropSchema(TenantId id, String written) throws SQLException {
        if (!PassingSchema.exists(session, id.schema())) {
            return;
        }
        boolean same = pace.batch(() -> {
            session.query(
                    "select set_config('lock_timeout', ?, true)",
                    String.valueOf(plan.lockTimeout().toMillis()));
            List<TenantTable> tables = TenantTable.allOf(session, id.schema());
            for (TenantTable table : tables) {
                session.runVerbatim("LOCK TABLE " + table.name().quoted() + " IN ACCESS EXCLUSIVE MODE");
            }
            if (archive.difference(
                            session,
                            written,
                            tables.stream().map(TenantTable::name).toList())
                    .isPresent()) {
                // The archive is of what was: the next run makes one of what is.
                DropLedger.archived(session, id, null, null, List.of());
                return false;
            }
            PassingSchema.drop(session, id.schema());
            return true;
        });
        if (!same) {
            throw new OperatorException(
                    "the schema " + id.schema() + " was changed after it was archived, and is not dropped",
                    "who still writes for a suspended tenant? The next run archives it again.");
        }
    }

    private boolean end(TenantId id) throws SQLException {
        PassingSchema.drop(session, id.archiveSchema());
        // Asked before, but that was before the archive was written.
        new DropCheck(session, TenantLedger.require(session, id)).requireNothingOwned(id);
        if (TenantRoles.exists(session, id.role())) {
            String role = Identifiers.quote(id.role());
            if (!session.oneVerbatim(
                    "select rolsuper from pg_roles where rolname = current_user", row -> row.getBoolean(1))) {
                session.runVerbatim("GRANT " + role + " TO CURRENT_USER");
            }
            // It owns nothing: what goes are its rights.
            session.runVerbatim("DROP OWNED BY " + role);
            session.runVerbatim("DROP ROLE " + role);
        }
        TenantLedger.setStatus(session, id, TenantLedger.DROPPED);
        DropLedger.end(session, id);
        return true;
    }
}
