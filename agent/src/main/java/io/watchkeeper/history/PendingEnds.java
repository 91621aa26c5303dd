package io.watchkeeper.history;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends of runs that the store could not take, a full disk above all. They are kept here until it can; if the process dies
 * before, the next start finds these runs as running without a process and marks them interrupted.
 */
final class PendingEnds {

    private static final Logger LOG = LoggerFactory.getLogger(PendingEnds.class);

    private record End(RunOutcome run, Instant at) {}

    private final HistoryFile file;
    private final Map<String, End> ends = new ConcurrentHashMap<>();

    PendingEnds(HistoryFile file) {
        this.file = file;
    }

    /** Stores the end now, or later if now it cannot be. @return whether it is on disk */
    boolean store(RunOutcome run, Instant at) {
        ends.put(run.runId(), new End(run, at));
        return flush();
    }

    /** @return whether none is left */
    synchronized boolean flush() {
        for (End end : List.copyOf(ends.values())) {
            try {
                file.change(connection -> RunRows.saveWhole(connection, end.run(), end.at()));
                ends.remove(end.run().runId());
            } catch (OperatorException e) {
                LOG.warn(
                        "run {} of '{}' ended {}, which cannot be stored yet: {}",
                        end.run().runId(),
                        end.run().runbook(),
                        end.run().state().wireName(),
                        e.getMessage());
                return false;
            }
        }
        return true;
    }

    boolean contains(String runId) {
        return ends.containsKey(runId);
    }

    /** The run as it really ended. */
    RunOutcome over(RunOutcome stored) {
        End end = ends.get(stored.runId());
        return end == null ? stored : end.run();
    }

    List<RunOutcome> over(List<RunOutcome> stored) {
        if (ends.isEmpty()) {
            return stored;
        }
        List<RunOutcome> result = new ArrayList<>();
        stored.forEach(run -> result.add(over(run)));
        return result;
    }

    /** The newest pending end of a real run of this runbook. @param except ends that do not count */
    Optional<RunOutcome> newestReal(String runbook, Set<RunState> except) {
        return ends.values().stream()
                .map(End::run)
                .filter(run -> run.runbook().equals(runbook) && !run.dryRun() && !except.contains(run.state()))
                .max(Comparator.comparing(RunOutcome::runId));
    }
}
