package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.CopyFailure;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says which right a role lacks, once a server has refused something for want of one. Asked only then, so that rounds over slow links do
 * not pay for it.
 */
final class SyncRights {

    private final SyncPlan plan;
    private final Session from;
    private final Session to;

    private SyncRights(SyncPlan plan, Session from, Session to) {
        this.plan = plan;
        this.from = from;
        this.to = to;
    }

    /** Whether a server has refused something for want of a right. */
    static boolean isMissing(Exception failure) {
        return FailureClass.sqlState(failure).orElse("").equals(SqlStates.INSUFFICIENT_PRIVILEGE);
    }

    /** The failure with the missing right's name, and the statement that grants it. Both sessions are out of their transactions after. */
    static OperatorException explain(SyncPlan plan, Session from, Session to, Exception failure) {
        from.rollback();
        to.rollback();
        try {
            Optional<OperatorException> found = new SyncRights(plan, from, to).find(failure);
            if (found.isPresent()) {
                return found.get();
            }
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
        return failure instanceof OperatorException said
                ? said
                : new OperatorException(
                        "keeping " + plan.to() + " in database '"
                                + to.database().name() + "' the same as " + plan.from() + " of '"
                                + from.database().name() + "' needs a right that is missing: "
                                + CopyFailure.words(failure),
                        "docs/rights.md lists what each side needs.",
                        failure);
    }

    private Optional<OperatorException> find(Exception failure) throws SQLException {
        List<Missing> missing = new ArrayList<>();
        source(missing);
        target(missing);
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        Missing first = missing.get(0);
        String role = first.session.database().settings().user();
        return Optional.of(new OperatorException(
                "role '" + role + "' lacks " + first.right + " in database '"
                        + first.session.database().name() + "'" + first.purpose,
                first.grant + " " + Identifiers.quote(role) + ";",
                failure));
    }

    /** @param grant all of the statement but the role */
    private record Missing(Session session, String right, String purpose, String grant) {}

    private void source(List<Missing> missing) throws SQLException {
        if (!may(from, "has_function_privilege('pg_control_system()', 'execute')")) {
            missing.add(new Missing(
                    from,
                    "EXECUTE on pg_control_system()",
                    ", by which rounds tell the server from another",
                    control()));
        }
        List<TableName> read = new ArrayList<>(List.of(plan.from()));
        TableShape.readAll(from, read).values().forEach(shape -> shape.leaves().forEach(leaf -> read.add(leaf.name())));
        for (TableName table : read) {
            schema(from, table, missing);
            if (!may(from, "coalesce((select has_table_privilege(c.oid, 'select') from " + named(table) + "), true)")) {
                missing.add(new Missing(from, "SELECT on " + table, "", "GRANT SELECT ON " + table.quoted() + " TO"));
            }
        }
    }

    private static String control() {
        return "GRANT EXECUTE ON FUNCTION pg_control_system() TO";
    }

    private void target(List<Missing> missing) throws SQLException {
        schema(to, plan.to(), missing);
        if (!may(to, "has_function_privilege('pg_control_system()', 'execute')")) {
            missing.add(new Missing(
                    to, "EXECUTE on pg_control_system()", ", by which rounds tell the server from another", control()));
        }
        for (String right : List.of("SELECT", "INSERT", "UPDATE", "DELETE")) {
            String may = "coalesce((select has_table_privilege(c.oid, '" + right + "') from " + named(plan.to())
                    + "), true)";
            if (!may(to, may)) {
                missing.add(new Missing(
                        to,
                        right + " on " + plan.to(),
                        "",
                        "GRANT " + right + " ON " + plan.to().quoted() + " TO"));
            }
        }
        String database = to.one("select current_database()", row -> row.getString(1));
        if (!may(to, "has_database_privilege(current_database(), 'temp')")) {
            missing.add(new Missing(
                    to,
                    "TEMPORARY",
                    ", and rows are brought into temporary tables",
                    "GRANT TEMPORARY ON DATABASE " + Identifiers.quote(database) + " TO"));
        }
        records(missing);
    }

    private void records(List<Missing> missing) throws SQLException {
        if (may(to, "to_regnamespace('" + AgentSchema.NAME + "') is null")) {
            if (!may(to, "has_database_privilege(current_database(), 'create')")) {
                missing.add(new Missing(
                        to,
                        "a schema " + AgentSchema.NAME,
                        ", where the agent keeps its records, and may not make one",
                        "CREATE SCHEMA IF NOT EXISTS " + AgentSchema.NAME + " AUTHORIZATION"));
            }
            return;
        }
        if (!may(
                to,
                "has_schema_privilege('" + AgentSchema.NAME + "', 'usage') and has_schema_privilege('"
                        + AgentSchema.NAME + "', 'create')")) {
            missing.add(new Missing(
                    to,
                    "USAGE and CREATE on schema " + AgentSchema.NAME,
                    ", where the agent keeps its records",
                    "GRANT USAGE, CREATE ON SCHEMA " + AgentSchema.NAME + " TO"));
        }
        boolean all = may(
                to,
                "coalesce((select bool_and(has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')"
                        + " and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))"
                        + " from pg_class c where c.relnamespace = to_regnamespace('" + AgentSchema.NAME
                        + "') and c.relkind = 'r'), true)");
        if (!all) {
            missing.add(new Missing(
                    to,
                    "SELECT, INSERT, UPDATE, DELETE on tables of schema " + AgentSchema.NAME,
                    ", which another role has made",
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + AgentSchema.NAME + " TO"));
        }
    }

    private static void schema(Session session, TableName table, List<Missing> missing) throws SQLException {
        String schema = Identifiers.quoteLiteral(table.schema());
        if (!may(
                session,
                "coalesce((select has_schema_privilege(oid, 'usage') from pg_namespace where nspname = " + schema
                        + "), true)")) {
            missing.add(new Missing(
                    session,
                    "USAGE on schema " + table.schema(),
                    "",
                    "GRANT USAGE ON SCHEMA " + Identifiers.quote(table.schema()) + " TO"));
        }
    }

    private static String named(TableName table) {
        return "pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = "
                + Identifiers.quoteLiteral(table.schema()) + " and c.relname = "
                + Identifiers.quoteLiteral(table.name());
    }

    private static boolean may(Session session, String condition) throws SQLException {
        return session.oneVerbatim("SELECT " + condition, row -> row.getBoolean(1));
    }
}
