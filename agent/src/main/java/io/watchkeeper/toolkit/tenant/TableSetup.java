package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What shared tables need before tenants may be in them: row-level security, its policies, and the rights of the tenants' group. */
final class TableSetup {

    private TableSetup() {}

    /** Shared tables that need something. @throws OperatorException when tenants' ids do not fit into one */
    static List<SharedTable> lacking(Session session) throws SQLException {
        List<SharedTable> lacking = new ArrayList<>();
        for (SharedTable table : SharedTable.all(session)) {
            if (!statements(session, table).isEmpty()) {
                lacking.add(table);
            }
        }
        return lacking;
    }

    /** @return whether anything had to be done, and so is locked now */
    static boolean complete(Session session, List<SharedTable> tables) throws SQLException {
        boolean changed = false;
        for (SharedTable table : tables) {
            for (String statement : statements(session, table)) {
                session.runVerbatim(statement);
                changed = true;
            }
        }
        return changed;
    }

    /** What a shared table still needs. @throws OperatorException when tenants' ids do not fit into it */
    static List<String> statements(Session session, SharedTable table) throws SQLException {
        if (!table.isText()) {
            throw new OperatorException(
                    table.name() + ".tenant_id is of type " + table.type() + ", and tenants' ids are words",
                    "ALTER TABLE " + table.name().quoted()
                            + " ALTER COLUMN tenant_id TYPE text; or name the column differently when it means something else.");
        }
        Set<String> policies = Set.copyOf(session.list(
                "select polname from pg_policy where polrelid = ?::oid", row -> row.getString(1), table.oid()));
        List<String> statements = new ArrayList<>(RowPolicy.statements(table, policies));
        String name = table.name().quoted();
        if (!session.one("""
                select count(*) = 4 from pg_class c cross join lateral aclexplode(c.relacl) a
                 where c.oid = ?::oid and a.grantee = to_regrole('watchkeeper_tenants')
                   and a.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')""", row -> row.getBoolean(1), table.oid())) {
            statements.add("GRANT SELECT, INSERT, UPDATE, DELETE ON " + name + " TO " + TenantRoles.GROUP);
        }
        if (!session.one(
                "select has_schema_privilege('" + TenantRoles.GROUP + "', ?, 'usage')",
                row -> row.getBoolean(1),
                table.name().schema())) {
            statements.add(
                    "GRANT USAGE ON SCHEMA " + Identifiers.quote(table.name().schema()) + " TO " + TenantRoles.GROUP);
        }
        statements.addAll(session.list("""
                select format('GRANT USAGE ON SEQUENCE %I.%I TO watchkeeper_tenants', n.nspname, s.relname)
                  from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace n on n.oid = s.relnamespace
                 where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype = 'a'
                   and d.refobjid = ?::oid
                   and case s.relkind when 'S' then not has_sequence_privilege('watchkeeper_tenants', s.oid, 'usage') else false end""", row -> row.getString(1), table.oid()));
        return statements;
    }
}
