package io.watchkeeper.doctor;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What our role may and may not do where tables are kept the same: rights on single tables are the runbooks' business, this is about those
 * that are easily forgotten. Never red, as not every database is one that rows are brought to.
 */
final class SyncRightsReview {

    private final String subject;
    private final Session session;
    private final boolean standby;
    private final boolean local;

    /** @param local whether rows are mostly brought to this database, and not from it */
    SyncRightsReview(String subject, Session session, boolean standby, boolean local) {
        this.subject = subject;
        this.session = session;
        this.standby = standby;
        this.local = local;
    }

    /** One line; null for a superuser, who may do all. */
    @Nullable
    Finding examine() throws SQLException {
        Rights rights = Rights.ask(session);
        if (rights.superuser) {
            return null;
        }
        List<String> may = new ArrayList<>();
        List<String> mayNot = new ArrayList<>();
        List<String> grants = new ArrayList<>();
        String role = Identifiers.quote(rights.user);
        for (Right right : rights(rights, role)) {
            (right.granted ? may : mayNot).add(right.what);
            if (!right.granted && right.wanted) {
                grants.add(right.grant);
            }
        }
        String text = "for sync, user " + rights.user + " may "
                + (may.isEmpty() ? "nothing of its own" : String.join(", ", may))
                + (mayNot.isEmpty() ? "" : "; may not " + String.join(", ", mayNot));
        return grants.isEmpty()
                ? Finding.green(subject, text)
                : Finding.amber(subject, text, "as a superuser, in this database: " + String.join(" ", grants));
    }

    /** @param wanted whether something goes worse, or not at all, without it */
    private record Right(String what, boolean granted, boolean wanted, String grant) {}

    private List<Right> rights(Rights has, String role) {
        List<Right> rights = new ArrayList<>();
        rights.add(new Right(
                "see how long transactions run", has.stats, !standby, "GRANT pg_read_all_stats TO " + role + ";"));
        rights.add(new Right(
                "read pg_control_system()",
                has.control,
                true,
                "GRANT EXECUTE ON FUNCTION pg_control_system() TO " + role + ";"));
        if (!standby) {
            rights.add(new Right(
                    "keep triggers silent",
                    has.silent,
                    local && has.version >= 15,
                    "GRANT SET ON PARAMETER session_replication_role TO " + role + ";"));
            rights.add(new Right(
                    "make temporary tables",
                    has.temporary,
                    local,
                    "GRANT TEMPORARY ON DATABASE " + Identifiers.quote(has.database) + " TO " + role + ";"));
            rights.add(new Right(
                    "keep records in schema " + AgentSchema.NAME,
                    has.records,
                    local,
                    has.schema
                            ? "GRANT USAGE, CREATE ON SCHEMA " + AgentSchema.NAME + " TO " + role + ";"
                            : "CREATE SCHEMA " + AgentSchema.NAME + " AUTHORIZATION " + role + ";"));
        }
        rights.add(new Right("stream from here", has.replication, false, ""));
        if (!standby) {
            rights.add(new Right("subscribe here", has.subscription, false, ""));
        }
        return rights;
    }

    private record Rights(
            String user,
            String database,
            int version,
            boolean superuser,
            boolean stats,
            boolean control,
            boolean temporary,
            boolean schema,
            boolean records,
            boolean replication,
            boolean silent,
            boolean subscription) {

        /** In two questions, because functions and roles of newer servers cannot be named to older ones. */
        static Rights ask(Session session) throws SQLException {
            int version =
                    session.one("select current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
            // Granting it came with 15; before, only superusers set it.
            String silent = version >= 15 ? "has_parameter_privilege('session_replication_role', 'set')" : "r.rolsuper";
            String subscription = version >= 16
                    ? "pg_has_role('pg_create_subscription', 'usage') and has_database_privilege(current_database(), 'create')"
                    : "r.rolsuper";
            return session.oneVerbatim("""
                    select current_user, current_database(), %d, r.rolsuper, pg_has_role('pg_read_all_stats', 'usage'),
                           has_function_privilege('pg_control_system()', 'execute'),
                           has_database_privilege(current_database(), 'temp'), n.oid is not null,
                           case when n.oid is null then has_database_privilege(current_database(), 'create')
                                else has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create') end,
                           r.rolreplication, %s, %s
                      from pg_roles r left join pg_namespace n on n.nspname = '%s' where r.rolname = current_user""".formatted(version, silent, subscription, AgentSchema.NAME), Rights::read);
        }

        private static Rights read(ResultSet row) throws SQLException {
            return new Rights(
                    row.getString(1),
                    row.getString(2),
                    row.getInt(3),
                    row.getBoolean(4),
                    row.getBoolean(5),
                    row.getBoolean(6),
                    row.getBoolean(7),
                    row.getBoolean(8),
                    row.getBoolean(9),
                    row.getBoolean(10),
                    row.getBoolean(11),
                    row.getBoolean(12));
        }
    }
}
