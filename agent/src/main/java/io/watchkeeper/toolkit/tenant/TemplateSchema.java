package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The schema {@code template_tenant}, like which the schemas of tenants are made: tables with defaults, constraints, indexes and settings,
 * sequences, views and rights. What it cannot carry over it refuses, so that no tenant gets half of it.
 *
 * <p>The server shows definitions with the template as the only schema on its path, so that names of the template come without their
 * schema, and with the tenant's schema on the path they mean the tenant's.
 */
final class TemplateSchema {

    static final String NAME = "template_tenant";

    private static final String TABLES = " from pg_class c where c.relnamespace = '" + NAME + "'::regnamespace";

    private final Session session;

    TemplateSchema(Session session) {
        this.session = session;
    }

    /** @throws OperatorException when it is not there, or has what cannot be carried over */
    void require() throws SQLException {
        if (!session.one("select to_regnamespace(?) is not null", row -> row.getBoolean(1), NAME)) {
            throw new OperatorException(
                    "database '" + session.database().name() + "' has no schema " + NAME
                            + ", like which tenants' schemas are made",
                    "make it with the tables a tenant needs: CREATE SCHEMA " + NAME
                            + "; or let the plan mean rls in meta.plans.");
        }
        List<String> refused = session.listVerbatim("""
                select what from (
                  select case c.relkind when 'p' then 'the partitioned table ' when 'm' then 'the materialized view '
                                        when 'f' then 'the foreign table ' when 'c' then 'the type ' end || c.relname as what
                    from pg_class c where c.relnamespace = 'template_tenant'::regnamespace and c.relkind in ('p', 'm', 'f', 'c')
                  union all select 'the function ' || p.proname from pg_proc p where p.pronamespace = 'template_tenant'::regnamespace
                  union all select 'the type ' || t.typname from pg_type t
                    where t.typnamespace = 'template_tenant'::regnamespace and t.typtype in ('e', 'd', 'r')
                  union all select 'the trigger ' || g.tgname || ' on ' || c.relname from pg_trigger g join pg_class c on c.oid = g.tgrelid
                    where c.relnamespace = 'template_tenant'::regnamespace and not g.tgisinternal
                  union all select 'the policy ' || p.polname || ' on ' || c.relname from pg_policy p join pg_class c on c.oid = p.polrelid
                    where c.relnamespace = 'template_tenant'::regnamespace
                  union all select 'the rule ' || r.rulename || ' on ' || c.relname from pg_rewrite r join pg_class c on c.oid = r.ev_class
                    where c.relnamespace = 'template_tenant'::regnamespace and r.rulename <> '_RETURN'
                  union all select 'inheritance of ' || c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                    where c.relnamespace = 'template_tenant'::regnamespace and c.relkind = 'r'
                  union all select 'rights for PUBLIC on ' || c.relname
                    from pg_class c, aclexplode(c.relacl) a where c.relnamespace = 'template_tenant'::regnamespace and a.grantee = 0
                  union all select 'rights on the column ' || c.relname || '.' || a.attname
                    from pg_attribute a join pg_class c on c.oid = a.attrelid
                   where c.relnamespace = 'template_tenant'::regnamespace and a.attacl is not null) w
                 where what is not null order by what limit 5""", row -> row.getString(1));
        if (!refused.isEmpty()) {
            throw new OperatorException(
                    NAME + " has what is not carried over into tenants' schemas: " + String.join(", ", refused),
                    "tables, indexes, constraints, sequences, defaults, views and rights of roles are carried over; keep the rest in"
                            + " another schema.");
        }
    }

    /** Makes a schema like the template; the tenant's role must be there. Inside a transaction. @param name without quotes */
    void make(TenantId tenant, String name) throws SQLException {
        require();
        List<String> statements = statements(tenant, name);
        String before = session.one("select current_setting('search_path')", row -> row.getString(1));
        String schema = Identifiers.quote(name);
        session.runVerbatim("CREATE SCHEMA " + schema);
        path(name);
        for (String statement : statements) {
            session.runVerbatim(statement);
        }
        for (String guest : guests()) {
            session.runVerbatim("GRANT USAGE ON SCHEMA " + schema + " TO " + Identifiers.quote(guest));
        }
        session.query("select set_config('search_path', ?, true)", before);
    }

    /** As {@link #statements(TenantId, String)}, for the schema that a tenant has. */
    List<String> statements(TenantId tenant) throws SQLException {
        return statements(tenant, tenant.schema());
    }

    /**
     * The statements that make a tenant's schema; to be run with {@link #path} set to it. Inside a transaction.
     *
     * @param name of the schema, without quotes
     */
    List<String> statements(TenantId tenant, String name) throws SQLException {
        String before = session.one("select current_setting('search_path')", row -> row.getString(1));
        path(NAME);
        try {
            List<String> statements = new ArrayList<>();
            statements.addAll(sequences());
            statements.addAll(tables());
            statements.addAll(defaults());
            statements.addAll(foreignKeys());
            statements.addAll(views());
            statements.addAll(comments());
            statements.addAll(grants());
            String role = Identifiers.quote(tenant.role());
            String schema = Identifiers.quote(name);
            statements.add("REVOKE ALL ON SCHEMA " + schema + " FROM PUBLIC");
            statements.add("GRANT USAGE ON SCHEMA " + schema + " TO " + role);
            statements.add("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema + " TO " + role);
            statements.add("GRANT USAGE ON ALL SEQUENCES IN SCHEMA " + schema + " TO " + role);
            return statements;
        } finally {
            session.query("select set_config('search_path', ?, true)", before);
        }
    }

    /** Lets names without a schema mean this schema's and nothing else, until the transaction ends. */
    void path(String schema) throws SQLException {
        session.query("select set_config('search_path', ?, true)", Identifiers.quote(schema) + ", pg_temp");
    }

    /** Those of identity columns come with their tables. */
    private List<String> sequences() throws SQLException {
        return session.listVerbatim(
                "select format('CREATE SEQUENCE %I AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s %s', c.relname,"
                        + " s.seqtypid::regtype, s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,"
                        + " case when s.seqcycle then 'CYCLE' else 'NO CYCLE' end)"
                        + " from pg_class c join pg_sequence s on s.seqrelid = c.oid where c.relnamespace = '" + NAME
                        + "'::regnamespace and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i'"
                        + " and d.classid = 'pg_class'::regclass) order by c.relname",
                row -> row.getString(1));
    }

    private List<String> tables() throws SQLException {
        return session.listVerbatim(
                "select format('CREATE %sTABLE %I (LIKE " + NAME + ".%I INCLUDING ALL)%s',"
                        + " case when c.relpersistence = 'u' then 'UNLOGGED ' else '' end, c.relname, c.relname,"
                        + " coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''))" + TABLES
                        + " and c.relkind = 'r' order by c.relname",
                row -> row.getString(1));
    }

    /** Those that name a sequence of the template, which the copied ones would go on counting in; and whose a sequence is. */
    private List<String> defaults() throws SQLException {
        List<String> own = session.listVerbatim(
                "select format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %s', c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid))"
                        + " from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum"
                        + " join pg_class c on c.oid = d.adrelid where c.relnamespace = '" + NAME
                        + "'::regnamespace and c.relkind = 'r' and a.attgenerated = '' order by c.relname, a.attnum",
                row -> row.getString(1));
        List<String> owned = session.listVerbatim(
                "select format('ALTER SEQUENCE %I OWNED BY %I.%I', s.relname, t.relname, a.attname)"
                        + " from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_class t on t.oid = d.refobjid"
                        + " join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid"
                        + " where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype = 'a'"
                        + " and s.relnamespace = '" + NAME + "'::regnamespace order by s.relname",
                row -> row.getString(1));
        return Stream.concat(own.stream(), owned.stream()).toList();
    }

    private List<String> foreignKeys() throws SQLException {
        return session.listVerbatim(
                "select format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid))"
                        + " from pg_constraint k join pg_class c on c.oid = k.conrelid where c.relnamespace = '" + NAME
                        + "'::regnamespace and k.contype = 'f' order by c.relname, k.conname",
                row -> row.getString(1));
    }

    /** Each after those it reads. */
    private List<String> views() throws SQLException {
        return session.listVerbatim("""
                with recursive reads as (
                  select distinct r.ev_class as view, d.refobjid as base
                    from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                     and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
                    join pg_class b on b.oid = d.refobjid and b.relkind = 'v' and b.relnamespace = 'template_tenant'::regnamespace),
                deep as (
                  select c.oid, 0 as depth from pg_class c where c.relnamespace = 'template_tenant'::regnamespace and c.relkind = 'v'
                  union all select reads.view, deep.depth + 1 from deep join reads on reads.base = deep.oid)
                select format('CREATE VIEW %I%s AS %s', c.relname,
                              coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), pg_get_viewdef(c.oid))
                  from pg_class c join (select oid, max(depth) as depth from deep group by oid) o on o.oid = c.oid
                 order by o.depth, c.relname""", row -> row.getString(1));
    }

    /** Those of columns, constraints and indexes come with their tables. */
    private List<String> comments() throws SQLException {
        return session.listVerbatim(
                "select format('COMMENT ON %s %I IS %L', case c.relkind when 'S' then 'SEQUENCE' when 'v' then 'VIEW' else 'TABLE' end,"
                        + " c.relname, obj_description(c.oid, 'pg_class'))" + TABLES
                        + " and c.relkind in ('r', 'v', 'S') and obj_description(c.oid, 'pg_class') is not null order by c.relname",
                row -> row.getString(1));
    }

    /** What roles beside the owner may do with the template, they may with each tenant's. */
    private List<String> grants() throws SQLException {
        return session.listVerbatim(
                "select format('GRANT %s ON %s %I TO %I%s', string_agg(a.privilege_type, ', ' order by a.privilege_type),"
                        + " case c.relkind when 'S' then 'SEQUENCE' else 'TABLE' end, c.relname, g.rolname,"
                        + " case when a.is_grantable then ' WITH GRANT OPTION' else '' end)"
                        + " from pg_class c cross join lateral aclexplode(c.relacl) a join pg_roles g on g.oid = a.grantee"
                        + " where c.relnamespace = '" + NAME
                        + "'::regnamespace and c.relkind in ('r', 'v', 'S') and a.grantee <> c.relowner"
                        + " group by c.relkind, c.relname, g.rolname, a.is_grantable order by c.relname, g.rolname",
                row -> row.getString(1));
    }

    /** The roles that get into every tenant's schema by what the template grants them. */
    List<String> guests() throws SQLException {
        return session.listVerbatim(
                "select distinct g.rolname from pg_class c cross join lateral aclexplode(c.relacl) a join pg_roles g on g.oid = a.grantee"
                        + " where c.relnamespace = '" + NAME + "'::regnamespace and c.relkind in ('r', 'v', 'S')"
                        + " and a.grantee <> c.relowner order by 1",
                row -> row.getString(1));
    }
}
