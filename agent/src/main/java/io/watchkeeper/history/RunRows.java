package io.watchkeeper.history;

import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs, their steps and results, as rows. Every method works inside a transaction of its caller. */
final class RunRows {

    private static final String ERRORS = "error_message, error_hint, error_file, error_line, error_sql_state";

    private static final String SAVE_RUN = """
            insert into run (id, runbook, host, state, started_at, duration_ns, dry_run, trigger, params, %s,
                             last_event_at, ended_at, process, checklist, requested_by, requested_from)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (id) do update set
                state = excluded.state, started_at = excluded.started_at, duration_ns = excluded.duration_ns,
                params = excluded.params, error_message = excluded.error_message, error_hint = excluded.error_hint,
                error_file = excluded.error_file, error_line = excluded.error_line,
                error_sql_state = excluded.error_sql_state, last_event_at = excluded.last_event_at,
                ended_at = excluded.ended_at
            """.formatted(ERRORS);

    private static final String SAVE_STEP = """
            insert into step (run_id, step_index, name, state, duration_ns, attempts, %s)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (run_id, step_index) do update set
                name = excluded.name, state = excluded.state, duration_ns = excluded.duration_ns,
                attempts = excluded.attempts, error_message = excluded.error_message, error_hint = excluded.error_hint,
                error_file = excluded.error_file, error_line = excluded.error_line,
                error_sql_state = excluded.error_sql_state
            """.formatted(ERRORS);

    private RunRows() {}

    /** The run itself, without its steps; in place of what stood there. */
    static void save(Connection connection, RunOutcome run, Instant now) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(SAVE_RUN)) {
            insert.setString(1, run.runId());
            insert.setString(2, StoredText.of(run.runbook()));
            insert.setString(3, StoredText.of(run.host()));
            insert.setString(4, run.state().wireName());
            insert.setString(5, StoredText.of(run.startedAt()));
            insert.setLong(6, run.duration().toNanos());
            insert.setBoolean(7, run.dryRun());
            insert.setString(8, run.trigger().name());
            insert.setString(9, StoredText.ofParams(run.params()));
            bind(insert, 10, run.error());
            insert.setString(15, StoredText.of(now));
            insert.setString(16, run.state().isFinal() ? StoredText.of(now) : null);
            insert.setLong(17, ProcessHandle.current().pid());
            insert.setString(
                    18, run.checklist() == null ? null : run.checklist().wireName());
            insert.setString(
                    19, run.by() == null ? null : StoredText.of(run.by().name()));
            insert.setString(
                    20, run.by() == null ? null : StoredText.of(run.by().from()));
            insert.executeUpdate();
        }
    }

    /** The whole run; also makes good for events that could not be stored while it ran. */
    static void saveWhole(Connection connection, RunOutcome run, Instant now) throws SQLException {
        save(connection, run, now);
        deleteSteps(connection, run.runId());
        for (StepOutcome step : run.steps()) {
            save(connection, run.runId(), step);
        }
    }

    static void save(Connection connection, String runId, StepOutcome step) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(SAVE_STEP)) {
            insert.setString(1, runId);
            insert.setInt(2, step.index());
            insert.setString(3, StoredText.of(step.name()));
            insert.setString(4, step.state().wireName());
            insert.setLong(5, step.duration().toNanos());
            insert.setInt(6, step.attempts());
            bind(insert, 7, step.error());
            insert.executeUpdate();
        }
        try (PreparedStatement delete =
                connection.prepareStatement("delete from verb_result where run_id = ? and step_index = ?")) {
            delete.setString(1, runId);
            delete.setInt(2, step.index());
            delete.executeUpdate();
        }
        for (VerbResult result : step.results()) {
            add(connection, runId, step.index(), result);
        }
    }

    static void add(Connection connection, String runId, int stepIndex, VerbResult result) throws SQLException {
        String sql = """
                insert into verb_result (run_id, step_index, position, verb, fields)
                select ?1, ?2, (select count(*) from verb_result where run_id = ?1 and step_index = ?2), ?3, ?4
                """;
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, runId);
            insert.setInt(2, stepIndex);
            insert.setString(3, StoredText.of(result.verb()));
            insert.setString(4, StoredText.ofFields(result.fields()));
            insert.executeUpdate();
        }
    }

    /** Notes that the run was alive just now. */
    static void touch(Connection connection, String runId, Instant now) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("update run set last_event_at = ? where id = ?")) {
            update.setString(1, StoredText.of(now));
            update.setString(2, runId);
            update.executeUpdate();
        }
    }

    /** The run with its steps and results. */
    static Optional<RunOutcome> find(Connection connection, String runId) throws SQLException {
        List<RunOutcome> found = select(connection, "where id = ?", List.of(runId));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        RunOutcome run = found.get(0);
        return Optional.of(new RunOutcome(
                run.runId(),
                run.runbook(),
                run.host(),
                run.state(),
                run.startedAt(),
                run.duration(),
                run.dryRun(),
                run.trigger(),
                run.params(),
                steps(connection, runId),
                run.error(),
                run.checklist(),
                run.by()));
    }

    /** Runs without their steps. @param rest of the statement, after {@code from run} */
    static List<RunOutcome> select(Connection connection, String rest, List<?> values) throws SQLException {
        List<RunOutcome> runs = new ArrayList<>();
        String sql =
                "select id, runbook, host, state, started_at, duration_ns, dry_run, trigger, params, checklist, requested_by, requested_from, "
                        + ERRORS + " from run " + rest;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    runs.add(run(row));
                }
            }
        }
        return runs;
    }

    private static RunOutcome run(ResultSet row) throws SQLException {
        return new RunOutcome(
                row.getString("id"),
                row.getString("runbook"),
                row.getString("host"),
                state(row.getString("state")),
                Instant.parse(row.getString("started_at")),
                Duration.ofNanos(row.getLong("duration_ns")),
                row.getBoolean("dry_run"),
                RunTrigger.valueOf(row.getString("trigger")),
                StoredText.params(row.getString("params")),
                List.of(),
                error(row),
                checklist(row.getString("checklist")),
                requester(row));
    }

    private static @Nullable Checklist checklist(@Nullable String wireName) {
        return wireName == null ? null : Checklist.ofWireName(wireName).orElse(null);
    }

    private static List<StepOutcome> steps(Connection connection, String runId) throws SQLException {
        Map<Integer, List<VerbResult>> results = results(connection, runId);
        List<StepOutcome> steps = new ArrayList<>();
        String sql = "select step_index, name, state, duration_ns, attempts, " + ERRORS
                + " from step where run_id = ? order by step_index";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, runId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int index = row.getInt("step_index");
                    steps.add(new StepOutcome(
                            index,
                            row.getString("name"),
                            state(row.getString("state")),
                            Duration.ofNanos(row.getLong("duration_ns")),
                            row.getInt("attempts"),
                            results.getOrDefault(index, List.of()),
                            error(row)));
                }
            }
        }
        return steps;
    }

    private static Map<Integer, List<VerbResult>> results(Connection connection, String runId) throws SQLException {
        Map<Integer, List<VerbResult>> results = new HashMap<>();
        String sql = "select step_index, verb, fields from verb_result where run_id = ? order by step_index, position";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, runId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    results.computeIfAbsent(row.getInt("step_index"), i -> new ArrayList<>())
                            .add(new VerbResult(row.getString("verb"), StoredText.fields(row.getString("fields"))));
                }
            }
        }
        return results;
    }

    private static void deleteSteps(Connection connection, String runId) throws SQLException {
        for (String table : List.of("step", "verb_result")) {
            try (PreparedStatement delete = connection.prepareStatement("delete from " + table + " where run_id = ?")) {
                delete.setString(1, runId);
                delete.executeUpdate();
            }
        }
    }

    private static void bind(PreparedStatement statement, int from, @Nullable RunError error) throws SQLException {
        statement.setString(from, error == null ? null : StoredText.of(error.message()));
        statement.setString(from + 1, error == null ? null : StoredText.ofNullable(error.hint()));
        statement.setString(from + 2, error == null ? null : StoredText.ofNullable(error.file()));
        statement.setObject(from + 3, error == null ? null : error.line());
        statement.setString(from + 4, error == null ? null : error.sqlState());
    }

    private static @Nullable RunError error(ResultSet row) throws SQLException {
        String message = row.getString("error_message");
        return message == null
                ? null
                : new RunError(
                        message,
                        row.getString("error_hint"),
                        row.getString("error_file"),
                        row.getInt("error_line"),
                        row.getString("error_sql_state"));
    }

    private static @Nullable Requester requester(ResultSet row) throws SQLException {
        String name = row.getString("requested_by");
        return name == null ? null : new Requester(name, row.getString("requested_from"));
    }

    private static RunState state(String wireName) {
        return RunState.ofWireName(wireName)
                .orElseThrow(() -> new IllegalStateException("the store holds an unknown state: " + wireName));
    }
}
