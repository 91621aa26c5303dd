package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What a tenant's schema has beside its tables, and what outside needs these: it would be lost with the schema, or keep it from going. */
final class LeftBehind {

    private static final String IN_THE_WAY = """
            with own as (select oid from pg_namespace where nspname = ?),
            template as (select to_regnamespace('template_tenant')::oid as oid)
            select what from (
              select case c.relkind when 'v' then 'the view ' when 'm' then 'the materialized view ' when 'f' then 'the foreign table '
                                    when 'c' then 'the type ' end || c.relname || ', which the template lacks' as what
                from pg_class c where c.relnamespace = (select oid from own) and c.relkind in ('v', 'm', 'f', 'c')
                 and not exists (select from pg_class t where t.relnamespace = (select oid from template)
                                  and t.relname = c.relname and t.relkind = c.relkind)
              union all select 'the sequence ' || c.relname || ', which belongs to no column' from pg_class c
                where c.relnamespace = (select oid from own) and c.relkind = 'S'
                  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                                   and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i'))
              union all select 'the function ' || p.proname from pg_proc p where p.pronamespace = (select oid from own)
              union all select 'the type ' || t.typname from pg_type t
                where t.typnamespace = (select oid from own) and t.typtype in ('e', 'd', 'r')
              union all select pg_describe_object(d.classid, d.objid, d.objsubid) || ', which needs '
                               || pg_describe_object(d.refclassid, d.refobjid, 0)
                from pg_depend d
                join (select 'pg_class'::regclass::oid as class, c.oid from pg_class c where c.relnamespace = (select oid from own)
                      union all select 'pg_type'::regclass::oid, t.oid from pg_type t where t.typnamespace = (select oid from own)) o
                  on d.refclassid = o.class and d.refobjid = o.oid
                left join lateral (
                  select c.relnamespace as oid from pg_class c where d.classid = 'pg_class'::regclass and c.oid = d.objid
                  union all select c.relnamespace from pg_rewrite r join pg_class c on c.oid = r.ev_class
                    where d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
                  union all select c.relnamespace from pg_attrdef f join pg_class c on c.oid = f.adrelid
                    where d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
                  union all select k.connamespace from pg_constraint k where d.classid = 'pg_constraint'::regclass and k.oid = d.objid
                  union all select p.pronamespace from pg_proc p where d.classid = 'pg_proc'::regclass and p.oid = d.objid
                  union all select t.typnamespace from pg_type t where d.classid = 'pg_type'::regclass and t.oid = d.objid
                ) whose on true
               where d.deptype = 'n' and whose.oid is not null and whose.oid <> (select oid from own)) w
             where what is not null order by what limit 20""";

    private LeftBehind() {}

    /** The tables of the agent's with a record by which something of a tenant of that id would go on. */
    static List<String> records(Session session, TenantId id) throws SQLException {
        List<String> left = new ArrayList<>();
        MoveLedger.find(session, id).ifPresent(move -> left.add("watchkeeper.tenant_moves"));
        DropLedger.find(session, id).ifPresent(drop -> left.add("watchkeeper.tenant_drops (ended_at IS NULL)"));
        return left;
    }

    /** Each in words. @param schema without quotes */
    static List<String> of(Session session, String schema) throws SQLException {
        return session.list(IN_THE_WAY, row -> row.getString(1), schema);
    }
}
