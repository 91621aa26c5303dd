package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.util.List;

/** What tenants' roles, and those who may become them, are too powerful for. Adds to a list of findings. */
final class RoleHoles {

    private static final String TENANTS =
            "rolname ~ '^tenant_[a-z]' or rolname in ('watchkeeper_tenants', 'watchkeeper_held')";

    private final Session session;
    private final List<ReviewFinding> findings;

    RoleHoles(Session session, List<ReviewFinding> findings) {
        this.session = session;
        this.findings = findings;
    }

    void find() throws SQLException {
        attributes();
        memberships();
        members();
        schemas();
    }

    private void attributes() throws SQLException {
        session.listVerbatim(
                """
                select rolname, attribute, quote_ident(rolname) from pg_roles
                  cross join lateral (values ('SUPERUSER', rolsuper), ('BYPASSRLS', rolbypassrls), ('CREATEROLE', rolcreaterole),
                    ('REPLICATION', rolreplication), ('LOGIN', rolcanlogin and rolname in ('watchkeeper_tenants', 'watchkeeper_held'))) w(attribute, has)
                 where has and (%s) order by 1, 2""".formatted(TENANTS),
                row -> add(
                        "roleAttribute",
                        ReviewStatus.FAIL,
                        "the role " + row.getString(1) + " has " + row.getString(2),
                        "ALTER ROLE " + row.getString(3) + " NO" + row.getString(2) + ";"));
    }

    /** What a tenant may become, and what it must not. */
    private void memberships() throws SQLException {
        session.listVerbatim(
                """
                with recursive up(tenant, via, oid) as (
                  select m.member, m.roleid, m.roleid from pg_auth_members m join pg_roles r on r.oid = m.member where %s
                  union select up.tenant, up.via, m.roleid from up join pg_auth_members m on m.member = up.oid)
                select t.rolname, v.rolname, r.rolname, quote_ident(t.rolname), quote_ident(v.rolname),
                       r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication or r.rolname ~ '^tenant_[a-z]'
                         or r.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
                                          'pg_execute_server_program')
                         or exists (select from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
                                     where c.relowner = r.oid and c.relkind in ('r', 'p'))
                  from up join pg_roles t on t.oid = up.tenant join pg_roles v on v.oid = up.via join pg_roles r on r.oid = up.oid
                 where r.rolname not in ('watchkeeper_tenants', 'watchkeeper_held') order by 1, 2, 3""".formatted(TENANTS),
                row -> add(
                        "roleMembership",
                        row.getBoolean(6) ? ReviewStatus.FAIL : ReviewStatus.WARN,
                        "the role " + row.getString(1) + " is a member of " + row.getString(3)
                                + (row.getString(3).equals(row.getString(2)) ? "" : " through " + row.getString(2))
                                + (row.getBoolean(6) ? ", and may do more than a tenant" : ""),
                        "REVOKE " + row.getString(5) + " FROM " + row.getString(4) + ";"));
    }

    /** Who may become a tenant, and is held by no policy himself. */
    private void members() throws SQLException {
        session.listVerbatim(
                """
                select distinct r.rolname, case when r.rolsuper then 'SUPERUSER' else 'BYPASSRLS' end, t.rolname,
                       quote_ident(r.rolname), quote_ident(t.rolname)
                  from pg_auth_members m join pg_roles t on t.oid = m.roleid join pg_roles r on r.oid = m.member
                 where t.rolname ~ '^tenant_[a-z]' and (r.rolsuper or r.rolbypassrls) and r.rolname <> current_user
                   -- Since PostgreSQL 16 who has made a role is a member that may neither be it nor has its rights.
                   and (coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)
                        or coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)) order by 1, 3""",
                row -> add(
                        "memberBypasses",
                        ReviewStatus.FAIL,
                        "the role " + row.getString(1) + ", a member of " + row.getString(3) + ", has "
                                + row.getString(2) + ": whoever logs in with it sees all tenants",
                        "ALTER ROLE " + row.getString(4) + " NO" + row.getString(2) + "; or REVOKE " + row.getString(5)
                                + " FROM " + row.getString(4) + ";"));
        session.listVerbatim(
                "select rolname from pg_roles where rolbypassrls and not rolsuper and rolname <> current_user order by 1",
                row -> add(
                        "bypassesPolicies",
                        ReviewStatus.WARN,
                        "the role " + row.getString(1) + " has BYPASSRLS: it sees all tenants wherever it may read",
                        "ALTER ROLE " + io.watchkeeper.postgres.Identifiers.quote(row.getString(1)) + " NOBYPASSRLS;"));
    }

    /** Schemas of single tenants that others get into, and schemas in which everybody may make things. */
    private void schemas() throws SQLException {
        session.listVerbatim(
                """
                select quote_ident(n.nspname), coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), x.privilege_type
                  from pg_namespace n cross join lateral aclexplode(n.nspacl) x left join pg_roles g on g.oid = x.grantee
                 where ((n.nspname ~ '^tenant_[a-z]' or n.nspname = 'template_tenant')
                        and (x.grantee = 0 or (g.rolname ~ '^tenant_[a-z]' and g.rolname <> n.nspname) or g.rolname in ('watchkeeper_tenants', 'watchkeeper_held')))
                    or (n.nspname = 'watchkeeper' and (x.grantee = 0 or g.rolname ~ '^tenant_[a-z]' or g.rolname in ('watchkeeper_tenants', 'watchkeeper_held')))
                 order by 1, 2, 3""",
                row -> add(
                        "schemaOpen",
                        ReviewStatus.FAIL,
                        "the schema " + row.getString(1) + " is open to " + row.getString(2) + " (" + row.getString(3)
                                + ")",
                        "REVOKE " + row.getString(3) + " ON SCHEMA " + row.getString(1) + " FROM " + row.getString(2)
                                + ";"));
        session.listVerbatim(
                """
                select quote_ident(n.nspname), coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC')
                  from pg_namespace n cross join lateral aclexplode(n.nspacl) x left join pg_roles g on g.oid = x.grantee
                 where n.nspname !~ '^pg_' and x.privilege_type = 'CREATE'
                   and (x.grantee = 0 or g.rolname ~ '^tenant_[a-z]' or g.rolname in ('watchkeeper_tenants', 'watchkeeper_held')) order by 1, 2""",
                row -> add(
                        "makesObjects",
                        ReviewStatus.WARN,
                        row.getString(2) + " may make objects in schema " + row.getString(1)
                                + ", with which a tenant lays traps for others",
                        "REVOKE CREATE ON SCHEMA " + row.getString(1) + " FROM " + row.getString(2) + ";"));
    }

    private ReviewFinding add(String code, ReviewStatus status, String message, String remedy) {
        ReviewFinding finding = new ReviewFinding(code, status, message, remedy);
        findings.add(finding);
        return finding;
    }
}
