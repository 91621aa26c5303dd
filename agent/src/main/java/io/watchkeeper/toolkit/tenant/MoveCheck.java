package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/** Whether a tenant can get its other form, asked before anything is changed. */
record MoveCheck(Session session, TenantId id, Tenancy to) {

    /** @throws OperatorException when it is being dropped */
    static void requireNotLeaving(Session session, TenantId id) throws SQLException {
        if (DropLedger.find(session, id).isPresent()) {
            throw new OperatorException(
                    "tenant '" + id + "' is being dropped",
                    "run the same drop again, which ends it; or let the tenant in (tenant resume), as long as nothing was removed.");
        }
    }

    /**
     * That its statements fail while it is shut out. A login role that has the rights of another tenant, too, keeps its rights on the shared
     * tables by that one: it would see no rows, and change none, without being told. From a tenant's own schema it comes to the shared tables,
     * too: a schema in search_path that it may not use is passed over.
     *
     * @throws OperatorException when there is one, and the tenant is not suspended
     */
    static void requireNoGateway(Session session, TenantId id) throws SQLException {
        if (TenantLedger.requireThere(session, id).isSuspended()) {
            return;
        }
        List<String> gateways = session.list("""
                select quote_ident(r.rolname) from pg_roles r
                 where r.rolcanlogin and not r.rolsuper and not r.rolbypassrls
                   and pg_has_role(r.oid, to_regrole(quote_ident(?))::oid, 'usage')
                   and exists (select from pg_auth_members m where m.roleid = to_regrole(?)::oid
                                and m.member <> to_regrole(quote_ident(?))::oid and pg_has_role(r.oid, m.member, 'usage')) order by 1 limit 5""", row -> row.getString(1), id.role(), TenantRoles.GROUP, id.role());
        if (!gateways.isEmpty()) {
            throw new OperatorException(
                    "the login role " + String.join(", ", gateways) + " has the rights of tenant '" + id
                            + "' and of others at once: while the tenant is shut out it would find no rows, and change none, without an error",
                    "suspend the tenant for its move: watchkeeper tenant suspend " + id
                            + "; or let the gateway SET LOCAL ROLE (ALTER ROLE … NOINHERIT; from PostgreSQL 16 on GRANT … WITH INHERIT FALSE).");
        }
    }

    private void requireNothingLeftBehind() throws SQLException {
        List<String> left = LeftBehind.of(session, id.schema());
        if (!left.isEmpty()) {
            throw new OperatorException(
                    "tenant '" + id + "' cannot be moved: its schema " + id.schema() + " would not come along with "
                            + String.join("; ", left),
                    "shared tables have no place for it: drop it, or put it into another schema; give a sequence to its column:"
                            + " ALTER SEQUENCE … OWNED BY table.column;");
        }
    }

    /** @return its tables as they would belong together @throws OperatorException when it cannot */
    TwinTables require() throws SQLException {
        if (to == Tenancy.SCHEMA) {
            new TemplateSchema(session).require();
            for (String schema : new String[] {id.schema(), id.movingSchema()}) {
                if (PassingSchema.exists(session, schema)) {
                    throw new OperatorException(
                            "database '" + session.database().name() + "' has a schema " + schema + " already",
                            "look what is in it and drop it, or rename it.");
                }
            }
        }
        TwinTables twins = TwinTables.read(session, id, to == Tenancy.SCHEMA ? TemplateSchema.NAME : id.schema());
        twins.require(session, to);
        requireNoGateway(session, id);
        if (to == Tenancy.RLS) {
            requireNothingLeftBehind();
            for (TenantTable table : twins.targets(to)) {
                long rows = table.count(session);
                if (rows > 0) {
                    throw new OperatorException(
                            table.name() + " holds " + rows + " rows of tenant '" + id
                                    + "' already, which has a schema of its own",
                            "look where they come from (roles with BYPASSRLS write there), and DELETE them or take them over.");
                }
            }
        }
        return twins;
    }
}
