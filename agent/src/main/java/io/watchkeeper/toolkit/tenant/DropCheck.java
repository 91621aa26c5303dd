package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whether a tenant may be dropped, asked before anything is changed. */
record DropCheck(Session session, TenantLedger.Tenant tenant) {

    /** @throws OperatorException when it may be at work */
    void requireSuspended() {
        if (!tenant.isSuspended()) {
            throw new OperatorException(
                    "tenant '" + tenant.id() + "' is not suspended, and may be at work",
                    "suspend it first, see that nobody misses it, then drop it: watchkeeper tenant suspend "
                            + tenant.id());
        }
    }

    /** @throws OperatorException when it may not, suspended or not */
    void require() throws SQLException {
        TenantId id = tenant.id();
        if (MoveLedger.find(session, id).isPresent()) {
            throw new OperatorException(
                    "tenant '" + id + "' is on its way to its other form",
                    "run the same move again, which ends it; then drop it.");
        }
        requireNothingOwned(id);
        if (tenant.tenancy() == Tenancy.RLS) {
            List<TenantTable> tables = TableOrder.childrenFirst(session, id);
            List<String> problems = new ArrayList<>();
            for (TenantTable table : tables) {
                problems.addAll(TwinTables.surprises(session, table));
            }
            if (!problems.isEmpty()) {
                throw new OperatorException(
                        "tenant '" + id + "' cannot be dropped: " + String.join("; ", problems),
                        "drop or disable what is named, if it may be for that time; the agent's role must see all rows: ALTER ROLE …"
                                + " BYPASSRLS.");
            }
            Strangers.of(session, tables).requireNone(session, tables);
        }
    }

    /** As {@link #require}, and that its row can be marked. */
    void requireMarkable() throws SQLException {
        session.begin();
        try {
            TenantLedger.setStatus(session, tenant.id(), TenantLedger.DROPPED);
        } catch (SQLException e) {
            throw new OperatorException(
                    "the row of tenant '" + tenant.id() + "' cannot be marked as '" + TenantLedger.DROPPED + "': "
                            + e.getMessage(),
                    "let the column status of public.tenants take 'active', 'suspended' and '" + TenantLedger.DROPPED
                            + "'.",
                    e);
        } finally {
            session.rollback();
        }
    }

    private void requireNothingOwned(TenantId id) throws SQLException {
        List<String> owned = session.list("""
                select pg_describe_object(d.classid, d.objid, d.objsubid) from pg_shdepend d
                 where d.refclassid = 'pg_authid'::regclass and d.refobjid = to_regrole(quote_ident(?))::oid and d.deptype = 'o'
                   and d.dbid in (0, (select oid from pg_database where datname = current_database())) limit 5""", row -> row.getString(1), id.role());
        if (!owned.isEmpty()) {
            throw new OperatorException(
                    "the role " + id.role() + " owns " + String.join(", ", owned)
                            + ", which would go with it unarchived",
                    "give it to somebody else: REASSIGN OWNED BY " + Identifiers.quote(id.role()) + " TO …;");
        }
        long elsewhere = session.one("""
                select count(distinct d.dbid) from pg_shdepend d where d.refclassid = 'pg_authid'::regclass
                   and d.refobjid = to_regrole(quote_ident(?))::oid
                   and d.dbid not in (0, (select oid from pg_database where datname = current_database()))""", row -> row.getLong(1), id.role());
        if (elsewhere > 0) {
            throw new OperatorException(
                    "the role " + id.role() + " has rights in " + elsewhere + " other databases of the server",
                    "there, run DROP OWNED BY " + Identifiers.quote(id.role()) + ";");
        }
    }
}
