package io.watchkeeper.schedule;

import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import java.util.Map;
import java.util.Optional;
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

    /**
     * Before this agent asks for the run, so that nobody here takes the answer for something left over.
     *
     * @return false when the run is expected or goes on here already: there is nothing to ask for
     */
    boolean expect(FireTime fire) {
        return mine.putIfAbsent(fire, new Mine()) == null;
    }

    void expectNoMore(FireTime fire) {
        mine.remove(fire);
    }

    boolean has(FireTime fire) {
        return mine.containsKey(fire);
    }

    /** Starts what this agent was let through for. @return false when the run was refused here, and is given back */
    boolean start(FireTime fire, Runbook runbook, RunTrigger trigger) {
        Mine own = mine.computeIfAbsent(fire, any -> new Mine());
        RunHandle handle;
        try {
            handle = runs.start(new RunRequest(runbook, trigger, Map.of(), false));
        } catch (RuntimeException e) {
            LOG.error("{} was not run here: {}", fire, e.getMessage());
            giveBack(fire, "could not be started: " + e.getMessage());
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

    private void giveBack(FireTime fire, String why) {
        try {
            records.interrupt(fire, agent, why);
        } catch (OperatorException e) {
            // No longer expected here, so it is given back by the next look that reaches the database.
            LOG.warn("that {} was not run here could not be told: {}", fire, e.getMessage());
        } finally {
            mine.remove(fire);
        }
    }

    /** Records in this host's history that a run was skipped. */
    void skip(RunRequest request, String reason) {
        runs.skip(request, reason);
    }

    /**
     * Tells the others what they do not know yet, and stops what is not this agent's any more. An agent whose host has slept, or
     * whose database's clock was set forward, was silent in the eyes of the others although its lease holds.
     */
    void tell() {
        mine.forEach((fire, own) -> {
            String runId;
            Optional<RunOutcome> end;
            boolean givenUp;
            synchronized (own) {
                runId = own.runId;
                end = Optional.ofNullable(own.end);
                givenUp = own.givenUp;
            }
            if (runId == null) {
                return;
            }
            if (end.isPresent()) {
                tellEnd(fire, end.get(), givenUp);
                mine.remove(fire);
            } else if (!givenUp && !records.goesOn(fire, agent, runId)) {
                giveUp(own, "another agent has taken the run over, or is about to");
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
        if (end.state() == RunState.CANCELLED && message != null && message.contains(RunbookRunner.STOPPING)) {
            records.interrupt(fire, agent, "its agent was stopped while it ran");
            return;
        }
        records.ended(fire, agent, end.runId(), end.state().wireName(), message);
    }

    /** Stops everything: others may begin it again. */
    void giveUp(String reason) {
        mine.values().forEach(own -> giveUp(own, reason));
    }

    private void giveUp(Mine own, String reason) {
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
    }

    void cancel(Map<String, String> reasonsByRun) {
        reasonsByRun.forEach(runs::cancel);
    }
}
