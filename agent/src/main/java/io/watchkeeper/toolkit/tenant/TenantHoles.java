package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads from the catalogue by which ways a tenant could get at rows of others in shared tables. What anybody could go through is to be
 * mended now ({@code FAIL}); what only lets somebody guess, or opens once somebody is granted more, is to be looked at. Changes nothing.
 */
final class TenantHoles {

    /** In SQL: the shared tables of the database, as {@code shared(oid, nspname, relname, relowner, secured, forced)}. */
    private static final String SHARED = """
            shared as (
              select c.oid, n.nspname, c.relname, c.relowner, c.relrowsecurity as secured, c.relforcerowsecurity as forced
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
               where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
                 and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                                  and d.deptype = 'e')
                 and %s)""".formatted(SharedTable.FOREIGN_SCHEMAS);

    /** In SQL: everybody a tenant may be, as {@code tenant_role(oid)}: tenants' roles, their groups, and 0 for PUBLIC. */
    private static final String TENANT_ROLES =
            "tenant_role as (select oid from pg_roles where rolname ~ '^tenant_[a-z]' or rolname in ('watchkeeper_tenants', 'watchkeeper_held')"
                    + " union all select 0)";

    private final Session session;
    private final List<ReviewFinding> findings = new ArrayList<>();

    TenantHoles(Session session) {
        this.session = session;
    }

    /** All that are there, in no order. */
    List<ReviewFinding> find() throws SQLException {
        findings.clear();
        unsecuredTables();
        policies();
        otherRelations();
        views();
        functions();
        rules();
        tooMuch();
        new RoleHoles(session, findings).find();
        guesses();
        return List.copyOf(findings);
    }

    private void unsecuredTables() throws SQLException {
        for (SharedTable table : SharedTable.all(session)) {
            String name = table.name().quoted();
            if (!table.secured()) {
                fail(
                        "notSecured",
                        name
                                + " has a column tenant_id and no row-level security: whoever may read it reads all tenants",
                        String.join("; ", RowPolicy.statements(table, policiesOf(table))) + ";");
            } else if (!table.forced()) {
                fail(
                        "notForced",
                        "row-level security of " + name + " does not hold for its owner " + table.owner()
                                + ", nor in views and functions that work with the owner's rights",
                        "ALTER TABLE " + name + " FORCE ROW LEVEL SECURITY;");
            }
        }
    }

    private Set<String> policiesOf(SharedTable table) throws SQLException {
        return Set.copyOf(session.list(
                "select polname from pg_policy where polrelid = ?::oid", row -> row.getString(1), table.oid()));
    }

    private record Policy(
            long table, String name, boolean permissive, String command, boolean group, String using, String check) {}

    private void policies() throws SQLException {
        List<Policy> all = session.listVerbatim(
                "with " + SHARED + """
                        select s.oid::bigint, p.polname, p.polpermissive, p.polcmd,
                               (select array_agg(r.rolname order by r.rolname) from pg_roles r where r.oid = any (p.polroles))
                                 = case p.polname when 'watchkeeper_tenant_limit' then array['watchkeeper_held', 'watchkeeper_tenants']::name[]
                                                  else array['watchkeeper_tenants']::name[] end and 0 <> all (p.polroles),
                               coalesce(pg_get_expr(p.polqual, p.polrelid), ''), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
                          from shared s join pg_policy p on p.polrelid = s.oid order by 1, 2""",
                row -> new Policy(
                        row.getLong(1),
                        row.getString(2),
                        row.getBoolean(3),
                        row.getString(4),
                        row.getBoolean(5),
                        String.valueOf(row.getString(6)),
                        String.valueOf(row.getString(7))));
        for (SharedTable table : SharedTable.all(session)) {
            String name = table.name().quoted();
            List<Policy> own =
                    all.stream().filter(one -> one.table() == table.oid()).toList();
            for (String needed : List.of(RowPolicy.NAME, RowPolicy.LIMIT)) {
                if (table.secured() && own.stream().noneMatch(one -> one.name().equals(needed))) {
                    fail("noPolicy", name + " has no policy " + needed, remedy(table, needed));
                }
            }
            for (Policy policy : own) {
                judge(name, policy, remedy(table, policy.name()));
            }
        }
    }

    private String remedy(SharedTable table, String policy) {
        return RowPolicy.statements(table, Set.of()).stream()
                .filter(sql -> sql.contains("POLICY " + policy + " "))
                .map(sql -> "DROP POLICY IF EXISTS " + policy + " ON "
                        + table.name().quoted() + "; " + sql + ";")
                .findFirst()
                .orElse("DROP POLICY " + Identifiers.quote(policy) + " ON "
                        + table.name().quoted() + ";");
    }

    private void judge(String table, Policy policy, String remedy) {
        boolean isOwn = policy.name().equals(RowPolicy.NAME) || policy.name().equals(RowPolicy.LIMIT);
        if (isOwn) {
            boolean right = policy.group()
                    && policy.permissive() == policy.name().equals(RowPolicy.NAME)
                    && policy.command().equals("*")
                    && RowPolicy.isExpected(policy.using())
                    && RowPolicy.isExpected(policy.check());
            if (!right) {
                fail(
                        "changedPolicy",
                        "the policy " + policy.name() + " of " + table + " is not as it was made: it asks for "
                                + policy.using(),
                        remedy);
            }
        } else if (policy.permissive()) {
            boolean settingAlone = RowPolicy.isSettingAlone(policy.using())
                    && (policy.check().isEmpty() || RowPolicy.isSettingAlone(policy.check()));
            if (settingAlone) {
                warn(
                        "settingAlone",
                        "the policy " + policy.name() + " of " + table
                                + " asks for the setting app.tenant_id alone, which every session may change; tenants' own roles are held back"
                                + " by " + RowPolicy.LIMIT + ", all others are not",
                        remedy);
            } else {
                fail(
                        "extraPolicy",
                        "the policy " + policy.name() + " of " + table
                                + " lets more rows through than the tenant's own: one policy that says yes is enough",
                        remedy);
            }
        }
    }

    /** Partitions, materialized views and foreign tables, which the policies of the whole do not cover. */
    private void otherRelations() throws SQLException {
        session.listVerbatim(
                "with " + TENANT_ROLES + """
                        select format('%I.%I', n.nspname, c.relname), c.relkind, c.relispartition,
                               string_agg(distinct coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), ', ')
                          from pg_class c join pg_namespace n on n.oid = c.relnamespace
                          join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
                          cross join lateral aclexplode(c.relacl) x
                         where (c.relkind in ('m', 'f') or (c.relispartition and not (c.relrowsecurity and c.relforcerowsecurity
                                and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'watchkeeper_tenant'))))
                           and x.grantee in (select oid from tenant_role)""" + " and " + SharedTable.FOREIGN_SCHEMAS + " group by 1, 2, 3", row -> {
                    String name = row.getString(1);
                    String kind = row.getBoolean(3)
                            ? "the partition "
                            : row.getString(2).equals("m") ? "the materialized view " : "the foreign table ";
                    return fail(
                            "reachedDirectly",
                            kind + name + " can be reached by " + row.getString(4)
                                    + ", and the policies of the whole table do not hold there",
                            "REVOKE ALL ON " + name + " FROM " + row.getString(4) + ";");
                });
    }

    /** Views that read with the rights of an owner for whom no policy holds; also views of such views. */
    private void views() throws SQLException {
        session.listVerbatim("with recursive " + SHARED + ", " + TENANT_ROLES + """
                        , reads as (
                          select distinct r.ev_class as view, d.refobjid as base
                            from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                             and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class),
                        deep(view, base) as (
                          select reads.view, shared.oid from reads join shared on shared.oid = reads.base
                          union select reads.view, deep.base from reads join deep on deep.view = reads.base)
                        select format('%I.%I', n.nspname, v.relname), format('%I.%I', s.nspname, s.relname), o.rolname,
                               case when o.rolsuper then 'a superuser' when o.rolbypassrls then 'has BYPASSRLS'
                                    else 'the owner of the table, for whom its policies are not forced' end,
                               exists (select from aclexplode(v.relacl) x where x.grantee in (select oid from tenant_role)),
                               current_setting('server_version_num')::int >= 150000 and v.relkind = 'v', v.relkind
                          from deep join pg_class v on v.oid = deep.view and v.relkind in ('v', 'm')
                          join pg_namespace n on n.oid = v.relnamespace join shared s on s.oid = deep.base
                          join pg_roles o on o.oid = v.relowner
                         where (o.rolsuper or o.rolbypassrls or (not s.forced and pg_has_role(o.oid, s.relowner, 'usage')))
                           and not coalesce(exists (select from unnest(v.reloptions) r
                                 where lower(r) in ('security_invoker=true', 'security_invoker=on', 'security_invoker=1', 'security_invoker=yes')), false)
                         order by 1, 2""", row -> {
            String name = row.getString(1);
            boolean granted = row.getBoolean(5);
            String message =
                    "the view " + name + " reads " + row.getString(2) + " with the rights of " + row.getString(3)
                            + ", who is " + row.getString(4).replace("has BYPASSRLS", "one with BYPASSRLS")
                            + ", so that whoever may read it reads all tenants"
                            + (granted ? "; tenants may" : "");
            String remedy = row.getBoolean(6)
                    ? "ALTER VIEW " + name + " SET (security_invoker = true);"
                    : "REVOKE ALL ON " + name
                            + " FROM PUBLIC, watchkeeper_tenants; or give it to an owner without BYPASSRLS";
            return granted ? fail("view", message, remedy) : warn("view", message, remedy);
        });
    }

    /** Functions that tenants may call and that work with the rights of somebody for whom no policy holds. */
    private void functions() throws SQLException {
        session.listVerbatim("with " + SHARED + ", " + TENANT_ROLES + """
                        , definers as (
                          select p.oid, p.oid::regprocedure::text as name, p.prosrc, p.prolang, o.rolname, n.nspname as schema,
                                 o.rolsuper or o.rolbypassrls as exempt, o.oid as owner
                            from pg_proc p join pg_roles o on o.oid = p.proowner join pg_namespace n on n.oid = p.pronamespace
                           where p.prosecdef and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'watchkeeper')
                             and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                                              and d.deptype = 'e')
                             and (p.proacl is null or exists (select from aclexplode(p.proacl) x
                                    where x.grantee in (select oid from tenant_role) and x.privilege_type = 'EXECUTE')))
                        select f.name, f.rolname, min(case when s.oid is not null then format('%I.%I', s.nspname, s.relname) end)
                          from definers f left join shared s
                            on (f.exempt or (not s.forced and pg_has_role(f.owner, s.relowner, 'usage')))
                           and (f.prosrc ~* ('\\m' || regexp_replace(s.relname, '([^a-z0-9_])', '\\\\\\1', 'gi') || '\\M')
                                or exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = f.oid
                                            and d.refclassid = 'pg_class'::regclass and d.refobjid = s.oid))
                         where f.exempt or s.oid is not null
                         group by f.name, f.rolname order by 1""", row -> {
            String revoke = "REVOKE EXECUTE ON FUNCTION " + row.getString(1) + " FROM PUBLIC; or ALTER FUNCTION "
                    + row.getString(1) + " SECURITY INVOKER;";
            String table = row.getString(3);
            return table != null
                    ? fail(
                            "definer",
                            "tenants may call the SECURITY DEFINER function " + row.getString(1)
                                    + ", which uses " + table + " with the rights of " + row.getString(2)
                                    + ", for whom no policy holds",
                            revoke)
                    : warn(
                            "definer",
                            "tenants may call the SECURITY DEFINER function " + row.getString(1)
                                    + ", which works with the rights of " + row.getString(2)
                                    + ", for whom no policy holds: look what it does",
                            revoke);
        });
    }

    /** Rules do what they do with the rights of the table's owner. */
    private void rules() throws SQLException {
        session.listVerbatim(
                "with " + SHARED + """
                        select format('%I.%I', s.nspname, s.relname), quote_ident(r.rulename), o.rolsuper or o.rolbypassrls or not s.forced
                          from shared s join pg_rewrite r on r.ev_class = s.oid and r.rulename <> '_RETURN' join pg_roles o on o.oid = s.relowner
                         order by 1, 2""",
                row -> add(
                        "rule",
                        row.getBoolean(3) ? ReviewStatus.FAIL : ReviewStatus.WARN,
                        "the rule " + row.getString(2) + " of " + row.getString(1)
                                + " works with the rights of the table's owner, whatever the policies say",
                        "DROP RULE " + row.getString(2) + " ON " + row.getString(1)
                                + "; a trigger works with the rights of who writes"));
    }

    /** Rights that no policy governs, on shared tables, on their sequences and on what will be made. */
    private void tooMuch() throws SQLException {
        session.listVerbatim(
                "with " + SHARED + ", " + TENANT_ROLES + """
                        select format('%I.%I', s.nspname, s.relname), x.privilege_type,
                               coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC')
                          from shared s join pg_class c on c.oid = s.oid cross join lateral aclexplode(c.relacl) x
                         where x.grantee in (select oid from tenant_role)
                           and x.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')
                         order by 1, 2, 3""",
                row -> fail(
                        "tooManyRights",
                        row.getString(3) + " has " + row.getString(2) + " on " + row.getString(1)
                                + ", which no policy governs",
                        "REVOKE " + row.getString(2) + " ON " + row.getString(1) + " FROM " + row.getString(3) + ";"));
        session.listVerbatim(
                "with " + SHARED + ", " + TENANT_ROLES + """
                        select format('%I.%I', n.nspname, q.relname), x.privilege_type,
                               coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC')
                          from shared s join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = s.oid
                           and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                          join pg_class q on q.oid = d.objid and q.relkind = 'S' join pg_namespace n on n.oid = q.relnamespace
                          cross join lateral aclexplode(q.relacl) x
                         where x.grantee in (select oid from tenant_role) and x.privilege_type in ('UPDATE', 'SELECT')
                         order by 1, 2, 3""",
                row -> warn(
                        "sequence",
                        row.getString(3) + " has " + row.getString(2) + " on the sequence " + row.getString(1)
                                + ", which all tenants share: it can be "
                                + (row.getString(2).equals("UPDATE") ? "set back" : "watched"),
                        "REVOKE " + row.getString(2) + " ON SEQUENCE " + row.getString(1) + " FROM " + row.getString(3)
                                + ";"));
        session.listVerbatim(
                "with " + TENANT_ROLES + """
                        select d.defaclrole::regrole::text, coalesce(n.nspname, ''), coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'),
                               string_agg(x.privilege_type, ', ' order by x.privilege_type)
                          from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
                          cross join lateral aclexplode(d.defaclacl) x
                         where d.defaclobjtype = 'r' and x.grantee in (select oid from tenant_role)
                         group by 1, 2, 3""",
                row -> fail(
                        "defaultRights",
                        "tables that " + row.getString(1) + " makes"
                                + (row.getString(2).isEmpty() ? "" : " in schema " + row.getString(2)) + " are open to "
                                + row.getString(3) + " (" + row.getString(4) + ") before they have a policy",
                        "ALTER DEFAULT PRIVILEGES FOR ROLE " + row.getString(1)
                                + (row.getString(2).isEmpty()
                                        ? ""
                                        : " IN SCHEMA " + Identifiers.quote(row.getString(2)))
                                + " REVOKE ALL ON TABLES FROM " + row.getString(3) + ";"));
    }

    /** By which a tenant learns that something of another is there, or keeps it from being changed. */
    private void guesses() throws SQLException {
        session.listVerbatim(
                "with " + SHARED + """
                        select format('%I.%I', s.nspname, s.relname), i.relname,
                               exists (select from pg_attribute a join pg_type t on t.oid = a.atttypid
                                        where a.attrelid = s.oid and a.attnum = any (x.indkey::int2[]) and t.typname <> 'uuid'
                                          and a.attidentity <> 'a')
                          from shared s join pg_index x on x.indrelid = s.oid and x.indisunique join pg_class i on i.oid = x.indexrelid
                         where not exists (select from pg_attribute a where a.attrelid = s.oid and a.attname = 'tenant_id'
                                            and a.attnum = any (x.indkey::int2[]))
                         order by 1, 2""",
                row -> row.getBoolean(3)
                        ? warn(
                                "uniqueAcrossTenants",
                                "the unique index " + row.getString(2) + " of " + row.getString(1)
                                        + " does not hold tenant_id: a tenant learns from a refused value that another one has it",
                                "make it unique by (tenant_id, …) instead")
                        : null);
        session.listVerbatim(
                "with " + SHARED + """
                        select format('%I.%I', f.nspname, f.relname), k.conname, format('%I.%I', t.nspname, t.relname)
                          from pg_constraint k join shared f on f.oid = k.conrelid join shared t on t.oid = k.confrelid
                         where k.contype = 'f' and k.conparentid = 0
                           and not exists (select from unnest(k.conkey, k.confkey) p(a, b)
                                 join pg_attribute x on x.attrelid = k.conrelid and x.attnum = p.a and x.attname = 'tenant_id'
                                 join pg_attribute y on y.attrelid = k.confrelid and y.attnum = p.b and y.attname = 'tenant_id')
                         order by 1, 2""",
                row -> warn(
                        "foreignKeyAcrossTenants",
                        "the foreign key " + row.getString(2) + " of " + row.getString(1)
                                + " does not hold tenant_id: a tenant may refer to rows of others in "
                                + row.getString(3)
                                + ", learn that they are there, and keep them from being deleted",
                        "make it FOREIGN KEY (tenant_id, …) REFERENCES " + row.getString(3) + " (tenant_id, …)"));
    }

    private ReviewFinding fail(String code, String message, String remedy) {
        return add(code, ReviewStatus.FAIL, message, remedy);
    }

    private ReviewFinding warn(String code, String message, String remedy) {
        return add(code, ReviewStatus.WARN, message, remedy);
    }

    private ReviewFinding add(String code, ReviewStatus status, String message, String remedy) {
        ReviewFinding finding = new ReviewFinding(code, status, message, Map.of(), remedy);
        findings.add(finding);
        return finding;
    }
}
