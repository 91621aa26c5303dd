package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/**
 * The roles behind tenants. The rights on shared tables belong to one group that all tenants are members of: rights for each tenant would
 * stand in the table's row of the catalogue, which holds some five hundred of them and no more.
 */
final class TenantRoles {

    /** Has the rights on shared tables, and no rows of its own. */
    static final String GROUP = "watchkeeper_tenants";

    private static final String HARMLESS =
            " NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT";

    private TenantRoles() {}

    /** The statement that makes a tenant's role. */
    static String create(TenantId tenant) {
        return "CREATE ROLE " + Identifiers.quote(tenant.role()) + HARMLESS;
    }

    static String join(TenantId tenant) {
        return "GRANT " + GROUP + " TO " + Identifiers.quote(tenant.role());
    }

    static String leave(TenantId tenant) {
        return "REVOKE " + GROUP + " FROM " + Identifiers.quote(tenant.role());
    }

    static boolean exists(Session session, String role) throws SQLException {
        return session.one("select exists (select from pg_roles where rolname = ?)", row -> row.getBoolean(1), role);
    }

    /** Makes the group where it is missing. @throws OperatorException when one is there that gives more than it should */
    static void requireGroup(Session session) throws SQLException {
        List<String> faults = session.list("""
                select array_to_string(array_remove(array[
                         case when rolsuper then 'is a superuser' end, case when rolbypassrls then 'has BYPASSRLS' end,
                         case when rolcanlogin then 'may log in' end, case when rolcreaterole then 'may make roles' end,
                         case when exists (select from pg_auth_members m where m.member = r.oid) then 'is a member of other roles' end],
                       null), ', ')
                  from pg_roles r where rolname = ?""", row -> row.getString(1), GROUP);
        if (faults.isEmpty()) {
            session.runVerbatim("CREATE ROLE " + GROUP + HARMLESS);
        } else if (!faults.get(0).isEmpty()) {
            throw new OperatorException(
                    "the role " + GROUP + ", of which all tenants are members, " + faults.get(0),
                    "it must be none of this: ALTER ROLE " + GROUP + HARMLESS + ";");
        }
    }
}
