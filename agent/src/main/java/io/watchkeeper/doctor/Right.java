package io.watchkeeper.doctor;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Something a role may or may not do. Each is one question to the server, asked as the role itself, whose answer is the statements
 * that are missing; the server quotes the names in them.
 */
enum Right {
    MONITOR(member("pg_monitor")),
    STATISTICS(member("pg_read_all_stats")),
    READ_ALL(member("pg_read_all_data")),
    SUBSCRIBE(16, member("pg_create_subscription")),
    REPLICATION(attribute("REPLICATION", "rolreplication")),
    /** Only where there are policies that would hide rows. */
    PASS_ROW_SECURITY(attribute("BYPASSRLS", "rolbypassrls")
            + " and exists (select from pg_class where relrowsecurity and not pg_has_role(relowner, 'usage'))"),
    IDENTIFY(function("pg_control_system()")),
    RESET_SLOT_STATISTICS(function("pg_stat_reset_replication_slot(text)")),
    ORIGIN_PROGRESS(function("pg_replication_origin_progress(text, boolean)")),
    TEMPORARY(inDatabase("TEMPORARY")),
    CREATE_IN_DATABASE(inDatabase("CREATE")),
    /** Before 15 only superusers could, and nothing can be granted. */
    SILENT_TRIGGERS(15, """
            select format('GRANT SET ON PARAMETER session_replication_role TO %I;', current_user)
             where not has_parameter_privilege('session_replication_role', 'set')"""),
    RECORDS("""
            select case when n.oid is null then format('CREATE SCHEMA @schema@ AUTHORIZATION %I;', current_user)
                        else format('GRANT USAGE, CREATE ON SCHEMA @schema@ TO %I;', current_user) end
              from (select to_regnamespace('@schema@') as oid) n
             where case when n.oid is null then not has_database_privilege(current_database(), 'create')
                        else not (has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create')) end""".replace("@schema@", AgentSchema.NAME)),
    SCHEMAS("""
            select format('GRANT USAGE ON SCHEMA %I TO %I;', nspname, current_user) from pg_namespace n
             where @schemas@ and not has_schema_privilege(n.oid, 'usage') order by nspname"""),
    READ_TABLES(tables("SELECT")),
    REPLACE_ROWS(tables("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")),
    WRITE_ROWS(tables("SELECT", "INSERT", "UPDATE", "DELETE")),
    SEQUENCES("""
            select format('GRANT %s ON SEQUENCE %s TO %I;', m.missing,
                          string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by c.relname), current_user)
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
              cross join lateral (select string_agg(p, ', ' order by o)
                                    from unnest(array['SELECT', 'UPDATE']) with ordinality u(p, o)
                                   where not has_sequence_privilege(c.oid, p)) m(missing)
             where c.relkind = 'S' and m.missing is not null and @schemas@
             group by n.nspname, m.missing order by n.nspname, m.missing"""),
    OWN_TABLES(ownership("c.relkind in ('r', 'p') and not c.relispartition")),
    /** Since 16, what arrives is written as the table's owner, so that its triggers get none of the subscriber's rights. */
    APPLY_AS_OWNERS(16, ownership("c.relkind in ('r', 'p')")),
    OWN_PARTITIONED(ownership("c.relkind = 'p' and not c.relispartition")),
    /** From 17 on there is a right for it, before it is the owner's. */
    MAINTAIN(ownership("c.relkind in ('r', 'p', 'm')")) {
        @Override
        String question(int version) {
            return version >= 17
                    ? tables("MAINTAIN").replace("c.relkind in ('r', 'p')", "c.relkind in ('r', 'p', 'm')")
                    : super.question(version);
        }
    },
    REINDEX_TABLES(ownership("c.relkind in ('r', 'p', 'm')")),
    CREATE_ROLES(attribute("CREATEROLE", "rolcreaterole")),
    GIVE_GROUPS(16, TenantRights.GIVE_GROUPS),
    TENANTS_TABLE(TenantRights.TENANTS_TABLE),
    OWN_SHARED(TenantRights.OWN_SHARED),
    PASS_SHARED(TenantRights.PASS_SHARED),
    GIVE_SCHEMAS(TenantRights.GIVE_SCHEMAS),
    TEMPLATE(TenantRights.TEMPLATE),
    CREATE_IN_SCHEMAS(TenantRights.CREATE_IN_SCHEMAS),
    PASS_FORCED(TenantRights.PASS_FORCED),
    REGISTRY(TenantRights.REGISTRY),
    OWN_MIGRATED(ownership("c.relkind in ('r', 'p') and not c.relispartition and n.nspname <> 'sqitch'")),
    CREATE_WHERE_PARTITIONED("""
            select format('GRANT USAGE, CREATE ON SCHEMA %I TO %I;', nspname, current_user) from pg_namespace n
             where @schemas@ and not (has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create'))
               and exists (select from pg_class where relnamespace = n.oid and relkind = 'p') order by nspname""");

    /** Those that were asked for, or all but the system's and the agent's own. */
    private static final String ASKED_SCHEMAS =
            "(n.nspname = any(?::text[]) or (?::text[] = '{}' and n.nspname !~ '^pg_' and n.nspname not in"
                    + " ('information_schema', '" + AgentSchema.NAME + "')))";

    private final int since;
    private final String question;

    Right(String question) {
        this(0, question);
    }

    Right(int since, String question) {
        this.since = since;
        this.question = question;
    }

    String question(int version) {
        return question;
    }

    /**
     * The statements that give the session's role this right; none when it has it.
     *
     * @param version the server's, in major versions
     * @param schemas empty for all
     */
    List<String> missing(Session session, int version, List<String> schemas) throws SQLException {
        if (version < since) {
            return List.of();
        }
        String asked = question(version);
        List<Object> parameters = new ArrayList<>();
        if (asked.contains("@schemas@")) {
            asked = asked.replace("@schemas@", ASKED_SCHEMAS);
            parameters.add(schemas);
            parameters.add(schemas);
        }
        return session.list(asked, row -> row.getString(1), parameters.toArray());
    }

    /** Why no grant gives the session's role this right; empty where grants do, or nothing is missing. */
    Optional<String> impossible(Session session, int version) throws SQLException {
        if (this != SUBSCRIBE
                || version >= since
                || session.one(
                        "select rolsuper from pg_roles where rolname = current_user", row -> row.getBoolean(1))) {
            return Optional.empty();
        }
        return Optional.of("below PostgreSQL " + since + " only superusers make subscriptions, and this server is of "
                + version + ": nothing can be granted; poll there");
    }

    private static String member(String role) {
        return "select format('GRANT " + role + " TO %I;', current_user) where not pg_has_role('" + role
                + "', 'usage')";
    }

    static String attribute(String word, String column) {
        return "select format('ALTER ROLE %I " + word + ";', rolname) from pg_roles where rolname = current_user"
                + " and not rolsuper and not " + column;
    }

    private static String function(String signature) {
        return "select format('GRANT EXECUTE ON FUNCTION " + signature + " TO %I;', current_user)"
                + " where not has_function_privilege('" + signature + "', 'execute')";
    }

    private static String inDatabase(String privilege) {
        return "select format('GRANT " + privilege + " ON DATABASE %I TO %I;', current_database(), current_user)"
                + " where not has_database_privilege(current_database(), '" + privilege + "')";
    }

    /** One statement for the tables of a schema that lack the same. */
    private static String tables(String... privileges) {
        return """
                select format('GRANT %%s ON TABLE %%s TO %%I;', m.missing,
                              string_agg(format('%%I.%%I', n.nspname, c.relname), ', ' order by c.relname), current_user)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace
                  cross join lateral (select string_agg(p, ', ' order by o)
                                        from unnest(array['%s']) with ordinality u(p, o)
                                       where not has_table_privilege(c.oid, p)) m(missing)
                 where c.relkind in ('r', 'p') and m.missing is not null and @schemas@
                 group by n.nspname, m.missing order by n.nspname, m.missing""".formatted(String.join("', '", privileges));
    }

    /** Membership in a superuser would be far more than was asked for: there the tables need another owner. */
    static String ownership(String which) {
        return """
                select case when o.rolsuper
                            then string_agg(format('ALTER TABLE %%I.%%I OWNER TO %%I;', n.nspname, c.relname, current_user), ' '
                                            order by c.relname)
                            else format('GRANT %%I TO %%I;', o.rolname, current_user) end
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles o on o.oid = c.relowner
                 where %s and not pg_has_role(c.relowner, 'usage') and @schemas@
                   and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
                 group by o.rolname, o.rolsuper, case when o.rolsuper then n.nspname end order by 1""".formatted(which);
    }
}
