package io.watchkeeper.history;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.PastRuns;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.schedule.ScheduleMemory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every run of this host, in SQLite. */
public final class RunHistory implements RunListener, PastRuns, ScheduleMemory, AutoCloseable {

    /** @param before only runs with an id lower than this, for paging; null for the newest */
    public record Query(
            @Nullable String runbook,
            @Nullable RunState state,
            int limit,
            @Nullable String before) {}

    /** Opens {@code <state>/watchkeeper.db}, creating or migrating it. */
    public static RunHistory open(Path state, Clock clock) {
        throw new IllegalStateException(state + clock.toString());
    }

    /** Newest first. */
    public List<RunOutcome> list(Query query) {
        throw new IllegalStateException(query.toString());
    }

    /** By whole id or a prefix of at least 4 characters that only one run has. */
    public Optional<RunOutcome> find(String runIdOrPrefix) {
        throw new IllegalStateException(runIdOrPrefix);
    }

    public List<LogLine> log(String runId) {
        throw new IllegalStateException(runId);
    }

    @Override
    public Optional<RunState> lastEnd(String runbook) {
        throw new IllegalStateException(runbook);
    }

    /** The newest real run of each runbook that has any. */
    public Map<String, RunOutcome> lastRuns() {
        throw new IllegalStateException();
    }

    /** Runs that stand as queued or running although no process runs them any more are marked failed, reason interrupted. */
    public List<RunOutcome> markInterrupted() {
        throw new IllegalStateException();
    }

    @Override
    public Set<String> paused() {
        throw new IllegalStateException();
    }

    @Override
    public void setPaused(String runbook, boolean paused) {
        throw new IllegalStateException(runbook + paused);
    }

    @Override
    public Optional<Instant> lastFireTime(String runbook) {
        throw new IllegalStateException(runbook);
    }

    @Override
    public void setLastFireTime(String runbook, Instant fireTime) {
        throw new IllegalStateException(runbook + fireTime);
    }

    /** Forgets runs that ended before now minus the given age, except the newest run of each runbook. */
    public int expire(Duration age) {
        throw new IllegalStateException(age.toString());
    }

    @Override
    public void close() {}
}
