package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cluster's runs that this agent does: started here, and told to the others, if need be when the database is back. */
final class ClusterRuns {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterRuns.class);

    /** Guarded by itself. */
    private static final class Mine {
        @Nullable
        String runId;

        boolean told;
        boolean givenUp;

        @Nullable
        RunOutcome end;
    }

    private final String agent;
    private final ClusterRecords records;
    private final RunStarter runs;
    private final Runnable onEnd;
    private final Map<FireTime, Mine> mine = new ConcurrentHashMap<>();

    /** @param onEnd told when a run has ended, in its thread */
    ClusterRuns(String agent, ClusterRecords records, RunStarter runs, Runnable onEnd) {
        this.agent = agent;
        this.records = records;
        this.runs = runs;
        this.onEnd = onEnd;
    }

    /** Before this agent asks for the run, so that nobody here takes the answer for something left over. */
    void expect(FireTime fire) {
        mine.put(fire, new Mine());
    }

    void expectNoMore(FireTime fire) {
        mine.remove(fire);
    }

    boolean has(FireTime fire) {
        return mine.containsKey(fire);
    }

    Set<FireTime> all() {
        return Set.copyOf(mine.keySet());
    }

    /** Starts what this agent was let through for. @return false when the run was refused here, and is given back */
    boolean start(FireTime fire, Runbook runbook, RunTrigger trigger) {
        Mine own = mine.computeIfAbsent(fire, any -> new Mine());
        RunHandle handle;
        try {
            handle = runs.start(new RunRequest(runbook, trigger, Map.of(), false));
        } catch (OperatorException e) {
            LOG.error("{} was not run here: {}", fire, e.getMessage());
            records.interrupt(fire, agent, "could not be started: " + e.getMessage());
            mine.remove(fire);
            return false;
        }
        synchronized (own) {
            own.runId = handle.runId();
        }
        var unused = handle.outcome().thenAccept(outcome -> {
            synchronized (own) {
                own.end = outcome;
            }
            onEnd.run();
        });
        return true;
    }

    /** Records in this host's history that a run was skipped. */
    void skip(RunRequest request, String reason) {
        runs.skip(request, reason);
    }

    /** Tells the others what they do not know yet. */
    void tell() {
        mine.forEach((fire, own) -> {
            String runId;
            Optional<RunOutcome> end;
            boolean givenUp;
            boolean told;
            synchronized (own) {
                runId = own.runId;
                end = Optional.ofNullable(own.end);
                givenUp = own.givenUp;
                told = own.told;
            }
            if (runId == null) {
                return;
            }
            if (end.isPresent()) {
                tellEnd(fire, end.get(), givenUp);
                mine.remove(fire);
            } else if (!told) {
                records.begun(fire, agent, runId);
                synchronized (own) {
                    own.told = true;
                }
            }
        });
    }

    private void tellEnd(FireTime fire, RunOutcome end, boolean givenUp) {
        if (givenUp && end.state() != RunState.SUCCEEDED) {
            // Nobody may have taken it over, when the database was away for all: then it is still to be done.
            records.interrupt(fire, agent, "its agent had lost the cluster's database and stopped it");
            return;
        }
        String message = end.error() == null ? null : end.error().message();
        records.ended(fire, agent, end.runId(), end.state().wireName(), message);
    }

    /** Stops everything: others may begin it again. */
    void giveUp(String reason) {
        mine.values().forEach(own -> {
            String runId;
            synchronized (own) {
                if (own.givenUp || own.end != null) {
                    return;
                }
                runId = own.runId;
                own.givenUp = runId != null;
            }
            if (runId != null) {
                LOG.warn("run {} is stopped: {}", runId, reason);
                runs.cancel(runId, reason);
            }
        });
    }

    void cancel(Map<String, String> reasonsByRun) {
        reasonsByRun.forEach(runs::cancel);
    }
}
