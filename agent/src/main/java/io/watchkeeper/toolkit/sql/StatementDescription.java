package io.watchkeeper.toolkit.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says what statements would do, and reads what can be read without doing anything. */
final class StatementDescription {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What EXPLAIN explains. */
    private static final Set<String> PLANNABLE =
            Set.of("select", "insert", "update", "delete", "merge", "with", "values", "table");

    private static final Set<String> READS = Set.of("select", "with", "values", "table", "show");

    /** Volatile functions of PostgreSQL's own that only look, or whose effect ends with the session. */
    private static final Pattern HARMLESS =
            Pattern.compile("random|setseed|clock_timestamp|timeofday|gen_random_uuid|current_query"
                    + "|set_config|currval|lastval|txid_status|query_to_xml.*|cursor_to_xml.*|lo_get"
                    + "|pg_(.*_size|is_.*|last_.*|current_.*|stat_get_.*|stat_have_stats|stat_file|blocking_pids|safe_snapshot_blocking_pids"
                    + "|control_.*|get_.*|lock_status|ls_.*|partition_.*|sequence_last_value|show_.*|hba_file_rules|ident_file_mappings"
                    + "|xact_.*|.*collation_actual_version|jit_available|notification_queue_usage|read_.*|sleep.*|logical_slot_peek_.*"
                    + "|replication_origin_progress|prepared_xact|isolation_test_session_is_blocked)");

    private final Session session;
    private final @Nullable Object[] params;

    StatementDescription(Session session, @Nullable Object... params) {
        this.session = session;
        this.params = params;
    }

    List<PlannedAction> of(String sql) throws SQLException {
        List<PlannedAction> actions = new ArrayList<>();
        int taken = 0;
        for (SqlStatement statement : SqlStatement.split(sql)) {
            int end = Math.min(params.length, taken + statement.parameters());
            actions.add(of(statement, Arrays.copyOfRange(params, Math.min(taken, end), end)));
            taken = end;
        }
        return actions;
    }

    private PlannedAction of(SqlStatement statement, @Nullable Object[] own) throws SQLException {
        long[] estimate = {-1, -1};
        String note = "";
        if (PLANNABLE.contains(statement.kind())) {
            try {
                estimate = estimate(statement, own);
            } catch (SQLException e) {
                // A table that an earlier statement of the runbook would make, for example.
                note = "cannot be planned now: "
                        + String.valueOf(e.getMessage())
                                .replaceFirst("^ERROR: ", "")
                                .replaceAll("\\s*\\n\\s*", "; ");
            }
        }
        return new PlannedAction(
                session.database().name(),
                statement.text(),
                StatementLock.of(statement),
                estimate[0],
                estimate[1],
                note);
    }

    /** The planner's rows and bytes. EXPLAIN without ANALYZE runs nothing. */
    private long[] estimate(SqlStatement statement, @Nullable Object[] own) throws SQLException {
        String json = readOnly("EXPLAIN (FORMAT JSON) " + statement.text(), own).stream()
                .map(row -> String.valueOf(row.values().iterator().next()))
                .findFirst()
                .orElse("[]");
        try {
            JsonNode plan = JSON.readTree(json).path(0).path("Plan");
            if (plan.path("Node Type").asText().equals("ModifyTable")) {
                // It returns nothing itself; what it changes comes out of the plan below.
                plan = plan.path("Plans").path(0);
            }
            long rows = plan.path("Plan Rows").asLong(-1);
            return new long[] {
                rows, rows < 0 ? -1 : rows * plan.path("Plan Width").asLong()
            };
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("PostgreSQL's plan is no JSON: " + json, e);
        }
    }

    /** The query's rows where it only reads; where running it could change something, a dry run does not. */
    QueryPlan query(String sql) throws SQLException {
        List<PlannedAction> actions = of(sql);
        if (isPlainRead(sql)) {
            try {
                return new QueryPlan(actions, readOnly(sql, params));
            } catch (SQLException e) {
                if (!SqlStates.READ_ONLY_SQL_TRANSACTION.equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
        return new QueryPlan(actions.stream().map(StatementDescription::notRun).toList(), List.of());
    }

    private static PlannedAction notRun(PlannedAction action) {
        String note = "not run in a dry run, because it may change something";
        return new PlannedAction(
                action.database(),
                action.sql(),
                action.lock(),
                action.rows(),
                action.bytes(),
                action.note().isEmpty() ? note : action.note() + "; " + note);
    }

    private boolean isPlainRead(String sql) throws SQLException {
        List<SqlStatement> statements = SqlStatement.split(sql);
        return statements.size() == 1
                && READS.contains(statements.get(0).kind())
                && !callsSomethingElse(statements.get(0));
    }

    /** A read-only transaction keeps tables as they are, and would still end sessions, drop slots or call other servers. */
    private boolean callsSomethingElse(SqlStatement statement) throws SQLException {
        if (statement.calls().isEmpty()) {
            return false;
        }
        List<String> suspects = session.list(
                "select distinct n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
                        + " where p.proname = any (?::text[]) and p.provolatile = 'v'",
                row -> row.getString(1),
                List.copyOf(statement.calls()));
        return suspects.stream()
                .anyMatch(name -> !name.startsWith("pg_catalog.")
                        || !HARMLESS.matcher(name.substring("pg_catalog.".length()))
                                .matches());
    }

    private List<Map<String, @Nullable Object>> readOnly(String sql, @Nullable Object[] own) throws SQLException {
        session.begin();
        try {
            session.update("SET TRANSACTION READ ONLY");
            return session.query(sql, own);
        } finally {
            session.rollback();
        }
    }
}
