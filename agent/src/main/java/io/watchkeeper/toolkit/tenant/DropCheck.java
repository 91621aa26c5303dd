package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

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

    /**
     * That it is suspended now, and really shut out: the table of tenants is the application's, which may have written the word there
     * itself. Inside a transaction of those that change tenants, so that nobody lets it in meanwhile.
     *
     * @throws OperatorException when it may be at work
     */
    static void requireShutOut(Session session, TenantId id) throws SQLException {
        TenantLedger.Tenant now = TenantLedger.requireThere(session, id);
        new DropCheck(session, now).requireSuspended();
        if (!TenantDoor.isShut(session, now)) {
            throw new OperatorException(
                    "tenant '" + id + "' has the status '" + now.status()
                            + "', and its role may still do its work: somebody else has written that status",
                    "shut it out, see that nobody misses it, then drop it: watchkeeper tenant suspend " + id);
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
            requireRemovable(tables);
            Strangers.of(session, tables).requireNone(session, tables);
        }
    }

    /** That they can be emptied one after the other. */
    private void requireRemovable(List<TenantTable> tables) throws SQLException {
        List<ForeignKey> keys =
                ForeignKey.to(session, tables.stream().map(TenantTable::oid).toList());
        List<TenantTable> circle = TableOrder.inACircle(session, tables);
        if (!circle.isEmpty()) {
            throw new OperatorException(
                    "tenant '" + tenant.id() + "' cannot be dropped: the tables " + names(circle)
                            + " refer to each other in a circle",
                    "drop one of the foreign keys between them for that time.");
        }
        List<TenantTable> large = new ArrayList<>();
        for (TenantTable table : tables) {
            boolean itself = keys.stream().anyMatch(key -> key.isWithin() && key.parent() == table.oid());
            if (itself && table.count(session) > TwinTables.SELF_REFERRING) {
                large.add(table);
            }
        }
        if (!large.isEmpty()) {
            throw new OperatorException(
                    "tenant '" + tenant.id() + "' cannot be dropped: " + names(large)
                            + " refer to themselves and have more than " + TwinTables.SELF_REFERRING
                            + " rows of the tenant, which cannot be removed at once",
                    "drop the foreign key to the table itself for that time.");
        }
    }

    private static String names(List<TenantTable> tables) {
        return tables.stream().map(one -> one.name().toString()).collect(Collectors.joining(", "));
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

    /** @throws OperatorException when its role owns something, or has rights elsewhere */
    void requireNothingOwned(TenantId id) throws SQLException {
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
