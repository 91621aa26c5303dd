package io.watchkeeper.history;

import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Runs that stand as queued or running although no process runs them: theirs was killed, or the host went down. */
final class InterruptedRuns {

    private final HistoryFile file;

    InterruptedRuns(HistoryFile file) {
        this.file = file;
    }

    /** @param lives whether some process runs the run with this id. @return the runs marked failed, oldest first */
    List<RunOutcome> mark(Predicate<String> lives) {
        List<RunOutcome> marked = new ArrayList<>();
        for (String runId : file.read(InterruptedRuns::unended)) {
            if (!lives.test(runId)) {
                file.write(connection -> mark(connection, runId)).ifPresent(marked::add);
            }
        }
        return marked;
    }

    private static List<String> unended(Connection connection) throws SQLException {
        return RunRows.select(connection, "where ended_at is null order by id", List.of()).stream()
                .map(RunOutcome::runId)
                .toList();
    }

    /** Empty when the run has ended by itself since it was seen. */
    private static Optional<RunOutcome> mark(Connection connection, String runId) throws SQLException {
        Optional<RunOutcome> found =
                RunRows.find(connection, runId).filter(run -> !run.state().isFinal());
        if (found.isEmpty()) {
            return found;
        }
        RunOutcome run = found.get();
        Instant last = lastEvent(connection, runId);
        Duration lasted = Duration.between(run.startedAt(), last);
        RunOutcome ended = new RunOutcome(
                run.runId(),
                run.runbook(),
                run.host(),
                RunState.FAILED,
                run.startedAt(),
                lasted.isNegative() ? Duration.ZERO : lasted,
                run.dryRun(),
                run.trigger(),
                run.params(),
                run.steps().stream().map(InterruptedRuns::ended).toList(),
                RunError.of(
                        "interrupted: the process that ran it ended before the run did",
                        "it was killed, ran out of memory, or the host went down: see journalctl -u watchkeeper --until '"
                                + last + "'. Run it again: watchkeeper run " + run.runbook()),
                run.checklist(),
                run.by());
        RunRows.saveWhole(connection, ended, last);
        return Optional.of(ended);
    }

    private static StepOutcome ended(StepOutcome step) {
        return step.state().isFinal()
                ? step
                : new StepOutcome(
                        step.index(),
                        step.name(),
                        RunState.FAILED,
                        step.duration(),
                        step.attempts(),
                        step.results(),
                        RunError.of("interrupted: the process ended in this step", null));
    }

    private static Instant lastEvent(Connection connection, String runId) throws SQLException {
        String sql = """
                select max(last_event_at, coalesce((select max(at) from log_line where run_id = run.id), ''))
                from run where id = ?
                """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, runId);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return Instant.parse(row.getString(1));
            }
        }
    }
}
