package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;

/**
 * The roles behind tenants. The rights on shared tables belong to one group that all tenants are members of: rights for each tenant would
 * stand in the table's row of the catalogue, which holds some five hundred of them and no more. A suspended tenant leaves that group; what
 * restricts it must not end with that, and so there is a second group that it never leaves.
 */
final class TenantRoles {

    /** Has the rights on shared tables, and no rows of its own. */
    static final String GROUP = "watchkeeper_tenants";

    /** Has no rights at all: whom the restrictive policies hold. */
    static final String HELD = "watchkeeper_held";

    static final List<String> GROUPS = List.of(GROUP, HELD);

    private static final String HARMLESS =
            " NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT";

    private TenantRoles() {}

    /** The statement that makes a tenant's role. */
    static String create(TenantId tenant) {
        return "CREATE ROLE " + Identifiers.quote(tenant.role()) + HARMLESS;
    }

    static String join(TenantId tenant) {
        return "GRANT " + GROUP + ", " + HELD + " TO " + Identifiers.quote(tenant.role());
    }

    static String leave(TenantId tenant) {
        return "REVOKE " + GROUP + " FROM " + Identifiers.quote(tenant.role());
    }

    /**
     * The statements that end its membership, whoever has granted it: since PostgreSQL 16 there may be one for each grantor, and a REVOKE
     * that does not name him takes away nothing but the role's own. Of others' those that the role may take away.
     */
    static List<String> leaving(Session session, TenantId tenant) throws SQLException {
        if (!session.one("select current_setting('server_version_num')::int >= 160000", row -> row.getBoolean(1))) {
            return List.of(leave(tenant));
        }
        return session.list("""
                select quote_ident(g.rolname) from pg_auth_members m join pg_roles g on g.oid = m.grantor
                 where m.roleid = to_regrole(?)::oid and m.member = to_regrole(quote_ident(?))::oid
                   and pg_has_role(m.grantor, 'usage') order by 1""", row -> leave(tenant) + " GRANTED BY " + row.getString(1), GROUP, tenant.role());
    }

    static boolean exists(Session session, String role) throws SQLException {
        return session.one("select exists (select from pg_roles where rolname = ?)", row -> row.getBoolean(1), role);
    }

    static String createGroup(String group) {
        return "CREATE ROLE " + group + HARMLESS;
    }

    /** Makes the groups where they are missing. @throws OperatorException when one is there that gives more than it should */
    static void requireGroups(Session session) throws SQLException {
        for (String group : GROUPS) {
            requireGroup(session, group);
        }
    }

    private static void requireGroup(Session session, String group) throws SQLException {
        List<String> faults = session.list("""
                select array_to_string(array_remove(array[
                         case when rolsuper then 'is a superuser' end, case when rolbypassrls then 'has BYPASSRLS' end,
                         case when rolcanlogin then 'may log in' end, case when rolcreaterole then 'may make roles' end,
                         case when exists (select from pg_auth_members m where m.member = r.oid) then 'is a member of other roles' end],
                       null), ', ')
                  from pg_roles r where rolname = ?""", row -> row.getString(1), group);
        if (faults.isEmpty()) {
            session.runVerbatim(createGroup(group));
        } else if (!faults.get(0).isEmpty()) {
            throw new OperatorException(
                    "the role " + group + ", of which all tenants are members, " + faults.get(0),
                    "it must be none of this: ALTER ROLE " + group + HARMLESS + ";");
        }
    }
}
