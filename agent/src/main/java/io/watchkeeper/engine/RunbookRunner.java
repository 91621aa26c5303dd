package io.watchkeeper.engine;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.runbook.RunOutcome;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The one way in for every run, whoever asks for it. */
public final class RunbookRunner implements AutoCloseable {

    /** @param state the agent's state directory; locks and cancel requests live there, shared by all processes */
    public RunbookRunner(
            String host, Path state, DatabasePools databases, PastRuns past, List<RunListener> listeners, Clock clock) {
        throw new IllegalStateException(host + state + databases + past + listeners + clock);
    }

    /**
     * Accepts a run and starts it in a thread of its own.
     *
     * @throws io.watchkeeper.problem.OperatorException when parameters are unknown or missing, or the run cannot be recorded;
     *     nothing was run then
     */
    public RunHandle start(RunRequest request) {
        throw new IllegalStateException(request.toString());
    }

    /** Starts a run and waits for its end. */
    public RunOutcome run(RunRequest request) {
        return start(request).outcome().join();
    }

    /** Runs of this process that have not ended, as far as they have got, oldest first. */
    public List<RunOutcome> running() {
        throw new IllegalStateException();
    }

    public Optional<RunOutcome> running(String runId) {
        return running().stream().filter(r -> r.runId().equals(runId)).findFirst();
    }

    /**
     * Asks a run to stop: its statements are cancelled on the servers. Also reaches runs of other processes on the same state
     * directory.
     *
     * @param reason who or what asked, for the record
     * @return false when no such run is running here or there
     */
    public boolean cancel(String runId, String reason) {
        throw new IllegalStateException(runId + reason);
    }

    /** Accepts nothing more, lets running runs go on for the grace period, then cancels them and waits for their end. */
    public void shutdown(Duration grace) {
        throw new IllegalStateException(grace.toString());
    }

    @Override
    public void close() {
        shutdown(Duration.ZERO);
    }
}
