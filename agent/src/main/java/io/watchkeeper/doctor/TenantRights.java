package io.watchkeeper.doctor;

/**
 * What it takes to make tenants and to change schemas, as questions to the server: each answers with the statements that are missing.
 * {@code @schemas@} is a condition on {@code n}, pg_namespace.
 */
final class TenantRights {

    /** A table that tenants share, by the column that makes it one. {@code c} is pg_class, {@code n} pg_namespace. */
    private static final String SHARED =
            "c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('watchkeeper', 'template_tenant')"
                    + " and n.nspname !~ '^(pg_|tenant_[a-z])' and exists (select from pg_attribute a where a.attrelid = c.oid"
                    + " and a.attname = 'tenant_id' and not a.attisdropped)";

    static final String OWN_SHARED = Right.ownership(SHARED);

    /** Since 16, CREATEROLE is good for roles of one's own alone. No more than ADMIN: a member would be held by the policies itself. */
    static final String GIVE_GROUPS = """
            select format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;', rolname, current_user) from pg_roles r
             where rolname in ('watchkeeper_tenants', 'watchkeeper_held') and not pg_has_role(r.oid, 'usage with admin option')
             order by rolname desc""";

    /** The table is made where it is missing. */
    static final String TENANTS_TABLE = """
            select case when t.oid is null then format('GRANT USAGE, CREATE ON SCHEMA public TO %I;', current_user)
                        else format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.tenants TO %I;', current_user) end
              from (select to_regclass('public.tenants') as oid) t
             where case when t.oid is null then not (has_schema_privilege('public', 'usage') and has_schema_privilege('public', 'create'))
                        else not (has_table_privilege(t.oid, 'select') and has_table_privilege(t.oid, 'insert')
                                  and has_table_privilege(t.oid, 'update') and has_table_privilege(t.oid, 'delete')) end""";

    /** The tenants' group must get into the schemas of shared tables, where not everybody does. */
    static final String GIVE_SCHEMAS = """
            select format('GRANT USAGE ON SCHEMA %%I TO %%I WITH GRANT OPTION;', n.nspname, current_user) from pg_namespace n
             where not has_schema_privilege('public', n.oid, 'usage') and not has_schema_privilege(n.oid, 'usage with grant option')
               and exists (select from pg_class c where c.relnamespace = n.oid and %s) order by n.nspname""".formatted(SHARED);

    /** Like which tenants' schemas are made; and what its tables refer to outside of it. */
    static final String TEMPLATE = """
            select format('GRANT USAGE ON SCHEMA template_tenant TO %I;', current_user) from pg_namespace n
             where n.nspname = 'template_tenant' and not has_schema_privilege(n.oid, 'usage')
            union all
            select format('GRANT SELECT ON TABLE template_tenant.%I TO %I;', c.relname, current_user) from pg_class c
             where c.relnamespace = to_regnamespace('template_tenant') and c.relkind in ('r', 'v') and not has_table_privilege(c.oid, 'select')
            union all
            select distinct format('GRANT REFERENCES ON TABLE %I.%I TO %I;', n.nspname, r.relname, current_user)
              from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class r on r.oid = k.confrelid
              join pg_namespace n on n.oid = r.relnamespace
             where k.contype = 'f' and c.relnamespace = to_regnamespace('template_tenant') and r.relnamespace <> c.relnamespace
               and not has_table_privilege(r.oid, 'references')""";

    /** Policies that hold for the owner, too, would hide from it the rows that it is to change. */
    static final String PASS_FORCED = Right.attribute("BYPASSRLS", "rolbypassrls")
            + " and exists (select from pg_class where relforcerowsecurity)";

    static final String PASS_SHARED = Right.attribute("BYPASSRLS", "rolbypassrls")
            + " and exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where " + SHARED + ")";

    /** Where Sqitch wrote down what there is, if another role has made that. */
    static final String REGISTRY = """
            select format('GRANT USAGE ON SCHEMA sqitch TO %I;', current_user) from pg_namespace n
             where n.nspname = 'sqitch' and not has_schema_privilege(n.oid, 'usage')
            union all
            select format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE sqitch.%I TO %I;', c.relname, current_user) from pg_class c
             where c.relnamespace = to_regnamespace('sqitch') and c.relkind = 'r'
               and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
                        and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))""";

    static final String CREATE_IN_SCHEMAS = """
            select format('GRANT USAGE, CREATE ON SCHEMA %I TO %I;', nspname, current_user) from pg_namespace n
             where @schemas@ and nspname <> 'sqitch'
               and not (has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create')) order by nspname""";

    private TenantRights() {}
}
