package io.watchkeeper.toolkit.copy;

/**
 * How a table's like is made, as questions to the server's own catalogue, whose functions know best how a thing is written. All
 * of them want an empty search path, so that names come out in full.
 */
final class StandInCatalogue {

    /** Takes the table's schema and name, and whether it may be a partition. One row for each thing that could not be kept: what it is, and what to do. */
    static final String REFUSALS = """
            with c as (
              select c.*, format('%I.%I', n.nspname, c.relname) as rel
                from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ? and c.relname = ?)
            select 'it is a partition', 'name the partitioned table, with strategy partition(''' || relname || ''').'
              from c where relispartition and not ?
            union all
            select 'foreign keys refer to ' || a.relid, 'use strategy truncate.'
              from c, pg_partition_ancestors(c.oid) a where c.relispartition
               and exists (select from pg_constraint k where k.contype = 'f' and k.confrelid = a.relid)
            union all
            select 'role ''' || current_user || ''' does not own ' || i.inhparent::regclass, 'copy as its owner.'
              from c join pg_inherits i on i.inhrelid = c.oid join pg_class o on o.oid = i.inhparent
             where c.relispartition and not pg_has_role(o.relowner, 'USAGE')
            union all
            select 'it is partitioned', 'replace one partition after the other with strategy partition(''name''), or use strategy truncate.'
              from c where relkind = 'p'
            union all
            select 'it inherits, or is inherited from, ' || i.inhrelid::regclass || ' and ' || i.inhparent::regclass, 'use strategy truncate.'
              from c join pg_inherits i on c.oid in (i.inhrelid, i.inhparent) where not c.relispartition and c.relkind = 'r'
            union all
            select 'it is of type ' || reloftype::regtype, 'use strategy truncate.' from c where reloftype <> 0
            union all
            select 'role ''' || current_user || ''' does not own it', 'ALTER TABLE ' || rel || ' OWNER TO ' || quote_ident(current_user) || ';'
              from c where not pg_has_role(c.relowner, 'USAGE')
            union all
            select 'role ''' || current_user || ''' may make no table in its schema',
                   'GRANT CREATE ON SCHEMA ' || relnamespace::regnamespace || ' TO ' || quote_ident(current_user) || ';'
              from c where not has_schema_privilege(c.relnamespace, 'CREATE')
            union all
            select 'it belongs to an extension', 'use strategy truncate.'
              from c join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
            union all
            select 'role ''' || current_user || ''' does not own publication ' || b.pubname || ', which it is in', 'copy as its owner.'
              from c join pg_publication_rel r on r.prrelid = c.oid join pg_publication b on b.oid = r.prpubid
             where not pg_has_role(b.pubowner, 'USAGE')
            union all
            select 'it has a security label', 'use strategy truncate.'
              from c where exists (select from pg_seclabel s where s.classoid = 'pg_class'::regclass and s.objoid = c.oid)
            union all
            select 'its index ' || i.indexrelid::regclass || ' is invalid', 'REINDEX INDEX ' || i.indexrelid::regclass || '; or drop it.'
              from c join pg_index i on i.indrelid = c.oid where not i.indisvalid
            union all
            select 'rights on it were granted by ' || g.grantor::regrole || ', who does not own it', 'grant them as its owner, or use strategy truncate.'
              from c, lateral (select grantor from aclexplode(c.relacl)
                               union select a.grantor from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = c.oid) g
             where g.grantor <> c.relowner
            union all
            select 'role ''' || current_user || ''' does not own ' || k.conrelid::regclass || ', which refers to it',
                   'copy as a role that owns both.'
              from c join pg_constraint k on k.confrelid = c.oid and k.contype = 'f' and k.conparentid = 0
              join pg_class f on f.oid = k.conrelid where not pg_has_role(f.relowner, 'USAGE')
            union all
            select case v.relkind when 'm' then 'materialized view ' else 'view ' end || v.oid::regclass || ' reads it'
                     || case v.relkind when 'm' then '' else ' and belongs to another role' end,
                   case v.relkind when 'm' then 'drop it before, and make it again afterwards; or use strategy truncate.'
                     else 'ALTER VIEW ' || v.oid::regclass || ' OWNER TO ' || quote_ident(current_user) || ';' end
              from c join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.classid = 'pg_rewrite'::regclass
              join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class
             where v.oid <> c.oid and (v.relkind = 'm' or v.relkind = 'v' and not pg_has_role(v.relowner, 'USAGE'))
             group by v.oid, v.relkind
            union all
            select pg_describe_object(d.classid, d.objid, d.objsubid) || ' rests on it', 'drop it before, and make it again afterwards; or use strategy truncate.'
              from c join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid
                                      or d.refclassid = 'pg_type'::regclass and d.deptype = 'n'
                                         and d.refobjid in (c.reltype, (select t.typarray from pg_type t where t.oid = c.reltype))
             where not (d.refclassid = 'pg_class'::regclass and (
                     d.classid = 'pg_class'::regclass and (select relkind from pg_class o where o.oid = d.objid) in ('i', 'S', 't')
                  or d.classid = 'pg_attrdef'::regclass and (select adrelid from pg_attrdef o where o.oid = d.objid) = c.oid
                  or d.classid = 'pg_constraint'::regclass and (select conrelid = c.oid or contype = 'f' from pg_constraint o where o.oid = d.objid)
                  or d.classid = 'pg_trigger'::regclass and (select tgrelid = c.oid or tgisinternal from pg_trigger o where o.oid = d.objid)
                  or d.classid = 'pg_policy'::regclass and (select polrelid from pg_policy o where o.oid = d.objid) = c.oid
                  or d.classid = 'pg_rewrite'::regclass and (select ev_class = c.oid or v.relkind in ('v', 'm') and o.rulename = '_RETURN'
                                                               from pg_rewrite o join pg_class v on v.oid = o.ev_class where o.oid = d.objid)
                  or d.classid in ('pg_statistic_ext'::regclass, 'pg_publication_rel'::regclass, 'pg_type'::regclass)))
             group by 1""";

    /**
     * Takes the schemas and names of the tables that are replaced together, then the table's schema and name. Each row is a
     * step and a statement of it, in order.
     */
    static final String STATEMENTS = """
            with grouped as (
              select c.oid, format('%I.%I', n.nspname, 'watchkeeper_swap_' || c.oid) as new
                from unnest(?::text[], ?::text[]) w(s, t) join pg_namespace n on n.nspname = w.s
                join pg_class c on c.relnamespace = n.oid and c.relname = w.t
            ), c as (
              select c.*, n.nspname, format('%I.%I', n.nspname, c.relname) as rel, g.new,
                     format('%I.%I', n.nspname, 'watchkeeper_old_' || c.oid) as old,
                     (select i.inhparent::regclass::text from pg_inherits i where i.inhrelid = c.oid and c.relispartition) as parent
                from pg_class c join pg_namespace n on n.oid = c.relnamespace join grouped g on g.oid = c.oid
               where n.nspname = ? and c.relname = ?
            ), cols as (
              select a.* from c join pg_attribute a on a.attrelid = c.oid where a.attnum > 0 and not a.attisdropped
            ), ix as (
              select x.*, i.relname, i.reloptions, 'watchkeeper_' || i.oid as temp, k.oid as con, k.contype, k.condeferrable, k.condeferred,
                     coalesce(s.spcname, '') as space, pg_get_indexdef(i.oid) as def,
                     format('CREATE %sINDEX %I ON %s ', case when x.indisunique then 'UNIQUE ' else '' end, i.relname, c.rel) as head
                from c join pg_index x on x.indrelid = c.oid join pg_class i on i.oid = x.indexrelid
                left join pg_tablespace s on s.oid = i.reltablespace
                left join pg_constraint k on k.conindid = i.oid and k.conrelid = c.oid and k.contype in ('p', 'u', 'x')
            ), fk as (
              select k.*, pg_get_constraintdef(k.oid) as def, 'watchkeeper_' || k.oid as temp,
                     format('%I.%I', fn.nspname, f.relname) as from_rel, format('%I.%I', tn.nspname, t.relname) as to_rel, g.new as to_new
                from c join pg_constraint k on c.oid in (k.conrelid, k.confrelid) and k.contype = 'f' and k.conparentid = 0
                join pg_class f on f.oid = k.conrelid join pg_namespace fn on fn.oid = f.relnamespace
                join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
                left join grouped g on g.oid = k.confrelid
            ), seq as (
              select s.oid, s.relname, format('%I.%I', n.nspname, s.relname) as rel, format('%I.%I', n.nspname, 'watchkeeper_' || s.oid) as new,
                     n.nspname, s.relacl, s.relowner, d.deptype, a.attname, a.attidentity, q.*
                from c join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.deptype in ('a', 'i')
                                        and d.classid = 'pg_class'::regclass
                join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace n on n.oid = s.relnamespace
                join pg_sequence q on q.seqrelid = s.oid
                join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
            ), s(step, place, part, sql) as (
              select 'create', 10, 0::bigint, format('CREATE %sTABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE'
                     || ' INCLUDING COMPRESSION INCLUDING COMMENTS) USING %I%s%s', case relpersistence when 'u' then 'UNLOGGED ' else '' end,
                     new, rel, (select amname from pg_am where oid = relam),
                     (select ' WITH (' || string_agg(format('%s%s=%L', p, split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ') || ')'
                        from (select '' as p, unnest(reloptions) as o union all
                              select 'toast.', unnest(t.reloptions) from pg_class t where t.oid = c.reltoastrelid) o),
                     (select format(' TABLESPACE %I', spcname) from pg_tablespace where oid = reltablespace)) from c
              union all select 'create', 20, attnum, format('ALTER TABLE %s ALTER %I SET STATISTICS %s', new, attname, attstattarget)
                from c, cols where attstattarget >= 0
              union all select 'create', 21, attnum, format('ALTER TABLE %s ALTER %I SET (%s)', new, attname, array_to_string(attoptions, ', '))
                from c, cols where attoptions is not null
              union all select 'create', 30, k.oid::bigint, format('ALTER TABLE %s ADD CONSTRAINT %I %s', new, conname, pg_get_constraintdef(k.oid))
                from c join pg_constraint k on k.conrelid = c.oid and k.contype = 'c'
              union all select 'create', 40, 0, format('ALTER TABLE %s ADD CONSTRAINT watchkeeper_bound CHECK (%s)', new, pg_get_partition_constraintdef(oid))
                from c where parent is not null and pg_get_partition_constraintdef(oid) is not null
              union all select 'build', 10, 0, 'select set_config(''maintenance_work_mem'', greatest(setting::bigint, 262144) || ''kB'', true)'
                || ' from pg_settings where name = ''maintenance_work_mem'''
              union all select 'build', 20, indexrelid::bigint * 10, format('select set_config(''default_tablespace'', %L, true)', space) from ix
              union all select 'build', 20, indexrelid::bigint * 10 + 1, case when contype = 'x'
                then format('ALTER TABLE %s ADD CONSTRAINT %I %s', new, temp, pg_get_constraintdef(con))
                else format('CREATE %sINDEX %I ON %s ', case when indisunique then 'UNIQUE ' else '' end, temp, new)
                     || substr(def, length(head) + 1) end from c, ix
              union all select 'build', 20, indexrelid::bigint * 10 + 2, case when contype = 'x'
                then format('ALTER INDEX %I.%I SET (%s)', nspname, temp, array_to_string(ix.reloptions, ', '))
                else format('ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s%s', new, temp,
                     case contype when 'p' then 'PRIMARY KEY' else 'UNIQUE' end, temp,
                     case when condeferrable then ' DEFERRABLE' else '' end, case when condeferred then ' INITIALLY DEFERRED' else '' end) end
                from c, ix where contype in ('p', 'u') or contype = 'x' and ix.reloptions is not null
              union all select 'build', 21, indexrelid::bigint * 100 + a.attnum, format('ALTER INDEX %I.%I ALTER %s SET STATISTICS %s', nspname, temp, a.attnum, a.attstattarget)
                from c, ix join pg_attribute a on a.attrelid = ix.indexrelid where a.attstattarget >= 0
              union all select 'build', 22, 0, format('ALTER TABLE %s CLUSTER ON %I', new, temp) from c, ix where indisclustered
              union all select 'build', 23, 0, format('ALTER TABLE %s REPLICA IDENTITY %s', new, case relreplident when 'f' then 'FULL' when 'n' then 'NOTHING'
                else (select format('USING INDEX %I', temp) from ix where indisreplident) end) from c where relreplident <> 'd'
              union all select 'build', 30, seqrelid::bigint, format('ALTER TABLE %s ALTER %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s START WITH %s INCREMENT BY %s'
                || ' MINVALUE %s MAXVALUE %s CACHE %s%s)', c.new, attname, case attidentity when 'a' then 'ALWAYS' else 'BY DEFAULT' end, q.new,
                seqstart, seqincrement, seqmin, seqmax, seqcache, case when seqcycle then ' CYCLE' else '' end) from c, seq q where deptype = 'i'
              union all select 'build', 40, 0, format('ALTER TABLE %s OWNER TO %s', new, relowner::regrole) from c where relowner <> current_user::regrole
              union all select 'build', 50, 0, format('REVOKE ALL ON TABLE %s FROM %s', new, r.who) from c,
                lateral (select distinct case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end as who
                           from pg_default_acl d, aclexplode(d.defaclacl) a where d.defaclobjtype = 'r' and a.grantee <> c.relowner
                         union select relowner::regrole::text where relacl is not null) r
              union all select 'build', 51, g.n, format('GRANT %s ON TABLE %s TO %s%s', privilege_type, new,
                case grantee when 0 then 'PUBLIC' else grantee::regrole::text end, case when is_grantable and grantee <> relowner then ' WITH GRANT OPTION' else '' end)
                from c, aclexplode(relacl) with ordinality g(grantor, grantee, privilege_type, is_grantable, n)
              union all select 'build', 52, attnum::bigint * 1000 + g.n, format('GRANT %s (%I) ON TABLE %s TO %s%s', privilege_type, attname, new,
                case grantee when 0 then 'PUBLIC' else grantee::regrole::text end, case when is_grantable then ' WITH GRANT OPTION' else '' end)
                from c, cols, aclexplode(attacl) with ordinality g(grantor, grantee, privilege_type, is_grantable, n)
              union all select 'build', 53, g.n, format('GRANT %s ON SEQUENCE %s TO %s%s', privilege_type, q.new,
                case grantee when 0 then 'PUBLIC' else grantee::regrole::text end, case when is_grantable then ' WITH GRANT OPTION' else '' end)
                from seq q, aclexplode(q.relacl) with ordinality g(grantor, grantee, privilege_type, is_grantable, n) where deptype = 'i' and grantee <> q.relowner
              union all select 'link', 10, fk.oid::bigint, format('ALTER TABLE %s ADD CONSTRAINT %I %s', new, conname,
                case when to_new is null then def else overlay(def placing 'REFERENCES ' || to_new || '('
                  from strpos(def, 'REFERENCES ' || to_rel || '(') for length('REFERENCES ' || to_rel || '(')) end) from c, fk where conrelid = c.oid
              union all select 'link', 20, fk.oid::bigint, format('ALTER TABLE %s ADD CONSTRAINT %I %s', from_rel, temp,
                overlay(def placing 'REFERENCES ' || to_new || '(' from strpos(def, 'REFERENCES ' || to_rel || '(') for length('REFERENCES ' || to_rel || '(')))
                from c, fk where confrelid = c.oid and conrelid not in (select oid from grouped)
              union all select 'release', 10, 0, format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', rel) from c
              union all select 'release', 20, seqrelid::bigint, format('select setval(%L, last_value, is_called) from %s', q.new, q.rel) from seq q where deptype = 'i'
              union all select 'release', 21, seqrelid::bigint, format('ALTER SEQUENCE %s OWNED BY %s.%I', q.rel, c.new, attname) from c, seq q where deptype = 'a'
              union all select 'release', 22, fk.oid::bigint, format('ALTER TABLE %s DROP CONSTRAINT %I', from_rel, conname)
                from c, fk where conrelid = c.oid or conrelid not in (select oid from grouped)
              union all select 'release', 30, 0, format('ALTER TABLE %s DETACH PARTITION %s', parent, rel) from c where parent is not null
              union all select 'replace', 30, 0, format('ALTER TABLE %s RENAME TO %I', rel, 'watchkeeper_old_' || oid) from c
              union all select 'replace', 31, 0, format('ALTER TABLE %s RENAME TO %I', new, relname) from c
              union all select 'replace', 40, v.oid::bigint, format('CREATE OR REPLACE VIEW %I.%I%s AS %s', vn.nspname, v.relname,
                coalesce(' WITH (' || array_to_string(v.reloptions, ', ') || ')', ''), pg_get_viewdef(v.oid))
                from c join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.classid = 'pg_rewrite'::regclass
                join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class and v.relkind = 'v' join pg_namespace vn on vn.oid = v.relnamespace
               group by v.oid, vn.nspname, v.relname, v.reloptions
              union all select 'replace', 50, 0, format('DROP TABLE %s', old) from c
              union all select 'replace', 51, 0, format('ALTER TABLE %s ATTACH PARTITION %s %s', parent, rel, pg_get_expr(relpartbound, oid))
                from c where parent is not null
              union all select 'replace', 52, 0, format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS watchkeeper_bound', rel) from c where parent is not null
              union all select 'replace', 60, indexrelid::bigint, format('ALTER INDEX %I.%I RENAME TO %I', nspname, temp, ix.relname) from c, ix
              union all select 'replace', 61, seqrelid::bigint, format('ALTER SEQUENCE %s RENAME TO %I', new, relname) from seq where deptype = 'i'
              union all select 'replace', 62, fk.oid::bigint, format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', from_rel, temp, conname)
                from c, fk where confrelid = c.oid and conrelid not in (select oid from grouped)
              union all select 'replace', 70, e.oid::bigint, pg_get_statisticsobjdef(e.oid) from c join pg_statistic_ext e on e.stxrelid = c.oid
              union all select 'replace', 71, e.oid::bigint, format('ALTER STATISTICS %I.%I OWNER TO %s', n.nspname, stxname, stxowner::regrole)
                from c join pg_statistic_ext e on e.stxrelid = c.oid join pg_namespace n on n.oid = stxnamespace where stxowner <> current_user::regrole
              union all select 'replace', 72, e.oid::bigint, format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, stxname, stxstattarget)
                from c join pg_statistic_ext e on e.stxrelid = c.oid join pg_namespace n on n.oid = stxnamespace where stxstattarget >= 0
              union all select 'replace', 73, g.oid::bigint, pg_get_triggerdef(g.oid) from c join pg_trigger g on g.tgrelid = c.oid and not tgisinternal and tgparentid = 0
              union all select 'replace', 74, g.oid::bigint, format('ALTER TABLE %s %s TRIGGER %I', rel,
                case tgenabled when 'D' then 'DISABLE' when 'R' then 'ENABLE REPLICA' else 'ENABLE ALWAYS' end, tgname)
                from c join pg_trigger g on g.tgrelid = c.oid and not tgisinternal where tgenabled <> 'O'
              union all select 'replace', 75, r.oid::bigint, pg_get_ruledef(r.oid) from c join pg_rewrite r on r.ev_class = c.oid
              union all select 'replace', 76, r.oid::bigint, format('ALTER TABLE %s %s RULE %I', rel,
                case ev_enabled when 'D' then 'DISABLE' when 'R' then 'ENABLE REPLICA' else 'ENABLE ALWAYS' end, rulename)
                from c join pg_rewrite r on r.ev_class = c.oid where ev_enabled <> 'O'
              union all select 'replace', 77, p.oid::bigint, format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', polname, rel,
                case when polpermissive then 'PERMISSIVE' else 'RESTRICTIVE' end,
                case polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
                (select string_agg(case o when 0 then 'PUBLIC' else o::regrole::text end, ', ') from unnest(polroles) o),
                ' USING (' || pg_get_expr(polqual, polrelid) || ')', ' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')')
                from c join pg_policy p on p.polrelid = c.oid
              union all select 'replace', 78, 1, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', rel) from c where relrowsecurity
              union all select 'replace', 78, 2, format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', rel) from c where relforcerowsecurity
              union all select 'replace', 79, b.oid::bigint, format('ALTER PUBLICATION %I ADD TABLE ONLY %s%s%s', b.pubname, rel,
                (select ' (' || string_agg(quote_ident(attname), ', ' order by attnum) || ')' from cols where attnum = any ({columns})),
                ' WHERE (' || {condition} || ')')
                from c join pg_publication_rel r on r.prrelid = c.oid join pg_publication b on b.oid = r.prpubid
              union all select 'replace', 90, d.objoid::bigint, format('COMMENT ON %s IS %L', case d.classoid
                  when 'pg_class'::regclass then case (select relkind from pg_class where oid = d.objoid) when 'r' then 'TABLE ' || rel
                    when 'S' then 'SEQUENCE ' || d.objoid::regclass else 'INDEX ' || d.objoid::regclass end
                  when 'pg_constraint'::regclass then (select format('CONSTRAINT %I ON %s', conname, conrelid::regclass) from pg_constraint where oid = d.objoid)
                  when 'pg_trigger'::regclass then (select format('TRIGGER %I ON %s', tgname, rel) from pg_trigger where oid = d.objoid)
                  when 'pg_rewrite'::regclass then (select format('RULE %I ON %s', rulename, rel) from pg_rewrite where oid = d.objoid)
                  when 'pg_policy'::regclass then (select format('POLICY %I ON %s', polname, rel) from pg_policy where oid = d.objoid)
                  else (select format('STATISTICS %I.%I', n.nspname, stxname) from pg_statistic_ext e join pg_namespace n on n.oid = stxnamespace
                         where e.oid = d.objoid) end, d.description)
                from c join pg_description d on d.objsubid = 0 and (
                  d.classoid = 'pg_class'::regclass and (d.objoid = c.oid or d.objoid in (select indexrelid from ix)
                                                         or d.objoid in (select oid from seq where deptype = 'i'))
                  or d.classoid = 'pg_constraint'::regclass and (d.objoid in (select oid from pg_constraint k where k.conrelid = c.oid)
                                                                 or d.objoid in (select oid from fk))
                  or d.classoid = 'pg_trigger'::regclass and d.objoid in (select oid from pg_trigger g where g.tgrelid = c.oid)
                  or d.classoid = 'pg_rewrite'::regclass and d.objoid in (select oid from pg_rewrite r where r.ev_class = c.oid)
                  or d.classoid = 'pg_policy'::regclass and d.objoid in (select oid from pg_policy p where p.polrelid = c.oid)
                  or d.classoid = 'pg_statistic_ext'::regclass and d.objoid in (select oid from pg_statistic_ext e where e.stxrelid = c.oid))
            )
            select step, sql from s where sql is not null order by place, part, sql""";

    private StandInCatalogue() {}

    /** Publications have lists of columns and conditions from PostgreSQL 15 on. */
    static String statements(int version) {
        boolean filtered = version >= 150_000;
        return STATEMENTS
                .replace("{columns}", filtered ? "r.prattrs" : "null::int2[]")
                .replace("{condition}", filtered ? "pg_get_expr(r.prqual, r.prrelid)" : "null::text");
    }
}
