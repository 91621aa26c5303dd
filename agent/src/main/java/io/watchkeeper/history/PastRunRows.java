package io.watchkeeper.history;

import io.watchkeeper.engine.RunId;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTicks;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Questions about the runs in the store. An end that waits to be stored counts as if it were. */
final class PastRunRows {

    private static final int SHORTEST_PREFIX = 4;

    /** An ambiguous prefix is answered with this many of its runs. */
    private static final int EXAMPLES = 3;

    private static final Set<RunState> VERDICTS = Set.of(RunState.SUCCEEDED, RunState.FAILED, RunState.TIMED_OUT);

    private final HistoryFile file;
    private final PendingEnds pending;

    PastRunRows(HistoryFile file, PendingEnds pending) {
        this.file = file;
        this.pending = pending;
    }

    List<RunOutcome> list(RunHistory.Query query) {
        List<String> conditions = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        if (query.runbook() != null) {
            conditions.add("runbook = ?");
            values.add(query.runbook());
        }
        RunState state = query.state();
        if (state != null) {
            conditions.add("state = ?");
            values.add(state.wireName());
        }
        if (query.before() != null) {
            conditions.add("id < ?");
            values.add(query.before().toUpperCase(Locale.ROOT));
        }
        values.add(query.limit());
        String where = conditions.isEmpty() ? "" : "where " + String.join(" and ", conditions);
        List<RunOutcome> stored =
                file.read(connection -> RunRows.select(connection, where + " order by id desc limit ?", values));
        return pending.over(stored).stream()
                .filter(run -> state == null || run.state() == state)
                .toList();
    }

    Optional<RunOutcome> find(String runIdOrPrefix) {
        String prefix = runIdOrPrefix.strip().toUpperCase(Locale.ROOT);
        Optional<RunOutcome> found = file.read(connection -> {
            Optional<RunOutcome> exact = RunRows.find(connection, prefix);
            if (exact.isPresent()) {
                return exact;
            }
            if (prefix.length() < SHORTEST_PREFIX) {
                throw new OperatorException(
                        "'" + runIdOrPrefix + "' is too short for a run id",
                        "give at least its first " + SHORTEST_PREFIX + " characters; 'watchkeeper history' lists ids.");
            }
            Optional<String> id = onlyOne(connection, prefix);
            return id.isPresent() ? RunRows.find(connection, id.get()) : Optional.empty();
        });
        return found.map(pending::over);
    }

    private static Optional<String> onlyOne(Connection connection, String prefix) throws SQLException {
        // Ids consist of digits and capital letters, and '~' is above all of them.
        List<RunOutcome> matches = RunRows.select(
                connection,
                "where id >= ? and id < ? order by id desc limit " + (EXAMPLES + 1),
                List.of(prefix, prefix + "~"));
        if (matches.size() > 1) {
            String examples = matches.stream()
                    .limit(EXAMPLES)
                    .map(run -> run.runId() + " (" + run.runbook() + ")")
                    .collect(Collectors.joining(", "));
            throw new OperatorException(
                    "more than one run id begins with '" + prefix + "'",
                    "give more of it: " + examples + (matches.size() > EXAMPLES ? ", …" : "."));
        }
        return matches.stream().map(RunOutcome::runId).findFirst();
    }

    /** @param except ends that do not count */
    Optional<RunState> lastEnd(String runbook, Set<RunState> except) {
        String names =
                except.stream().map(state -> "'" + state.wireName() + "'").collect(Collectors.joining(", "));
        Optional<RunOutcome> stored =
                file.read(connection -> RunRows.select(connection, """
                        where runbook = ? and dry_run = 0 and ended_at is not null and state not in (%s)
                        order by id desc limit 1
                        """.formatted(names), List.of(runbook))).stream()
                        .findFirst();
        Optional<RunOutcome> waiting = pending.newestReal(runbook, except);
        if (waiting.isPresent()
                && stored.map(run -> run.runId().compareTo(waiting.get().runId()) < 0)
                        .orElse(true)) {
            return waiting.map(RunOutcome::state);
        }
        return stored.map(RunOutcome::state);
    }

    Map<String, RunOutcome> lastRuns() {
        Map<String, RunOutcome> last = new TreeMap<>();
        file.read(connection -> {
            for (String runbook : runbooks(connection)) {
                RunRows.select(
                                connection,
                                "where runbook = ? and dry_run = 0 order by id desc limit 1",
                                List.of(runbook))
                        .forEach(run -> last.put(runbook, run));
            }
            return last;
        });
        last.replaceAll((runbook, run) -> pending.over(run));
        return last;
    }

    List<RunOutcome> lastChecklists() {
        List<RunOutcome> last = new ArrayList<>();
        file.read(connection -> {
            for (String runbook : runbooks(connection)) {
                last.addAll(RunRows.select(connection, """
                        where runbook = ? and dry_run = 0 and checklist is not null and ended_at is not null
                          and state <> 'skipped' order by id desc limit 1
                        """, List.of(runbook)));
            }
            return last;
        });
        return pending.over(last);
    }

    Map<String, RunOutcome> lastSuccesses() {
        Map<String, RunOutcome> last = new TreeMap<>();
        file.read(connection -> {
            for (String runbook : runbooks(connection)) {
                RunRows.select(
                                connection,
                                "where runbook = ? and dry_run = 0 and state = 'succeeded' order by id desc limit 1",
                                List.of(runbook))
                        .forEach(run -> last.put(runbook, run));
            }
            return last;
        });
        return last;
    }

    List<RunOutcome> verdicts(String runbook, int count) {
        // The end of one that stands as under way may be waiting to be stored.
        List<RunOutcome> stored = file.read(connection -> RunRows.select(connection, """
                where runbook = ? and dry_run = 0 and state not in ('skipped', 'cancelled') order by id desc limit ?
                """, List.of(runbook, count)));
        return pending.over(stored).stream()
                .filter(run -> VERDICTS.contains(run.state()))
                .toList();
    }

    List<RunTicks> ticks(Instant since, Duration stretch) {
        // By id, which begins with the time, because there is no index by time and ids are one.
        String sql = """
                select runbook, state, unixepoch(started_at) / ?1 * ?1 as stretch, count(*), max(id)
                from run where id >= ?2 and dry_run = 0
                group by runbook, state, stretch order by runbook, stretch, state
                """;
        return file.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setLong(1, stretch.toSeconds());
                select.setString(2, RunId.lowest(since));
                List<RunTicks> ticks = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        ticks.add(new RunTicks(
                                row.getString(1),
                                RunState.ofWireName(row.getString(2)).orElseThrow(),
                                Instant.ofEpochSecond(row.getLong(3)),
                                row.getInt(4),
                                row.getString(5)));
                    }
                }
                return ticks;
            }
        });
    }

    /** Walks the index from name to name, which does not grow with the number of runs. */
    static List<String> runbooks(Connection connection) throws SQLException {
        String sql = """
                with recursive name (runbook) as (
                    select min(runbook) from run
                    union all
                    select (select min(runbook) from run where runbook > name.runbook) from name where runbook is not null
                )
                select runbook from name where runbook is not null
                """;
        List<String> names = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }
}
