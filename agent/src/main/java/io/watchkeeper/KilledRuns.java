package io.watchkeeper;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs whose process was killed before they had ended: those of an earlier agent, and those of a command line. They are failures,
 * and whoever hears of failures hears of them as soon as they are found.
 */
final class KilledRuns {

    private static final Logger LOG = LoggerFactory.getLogger(KilledRuns.class);

    private final Agent agent;
    private final RunbookRegistry registry;

    KilledRuns(Agent agent, RunbookRegistry registry) {
        this.agent = agent;
        this.registry = registry;
    }

    /** Marks them failed. @return those that were not marked before */
    List<RunOutcome> mark() {
        List<RunOutcome> marked = agent.history().markInterrupted();
        for (RunOutcome run : marked) {
            LOG.warn("run {} of {} was interrupted by the end of its process", run.runId(), run.runbook());
            agent.checklists().runFinished(run);
            agent.auditedRuns().runFinished(run);
        }
        return marked;
    }

    /**
     * Does their onFailure, of runbooks that are loaded. If the process dies here it is not done again: a hook that kills the agent
     * would do so for ever.
     */
    void callOnFailure(List<RunOutcome> marked) {
        for (RunOutcome run : marked) {
            registry.find(run.runbook())
                    .filter(runbook -> !isBegunAgain(run, runbook))
                    .ifPresent(runbook -> agent.runner().callOnFailure(runbook, run));
        }
    }

    /** What a cluster's schedule has begun is begun again by one of its agents. */
    private static boolean isBegunAgain(RunOutcome run, Runbook runbook) {
        return runbook.isClusterWide()
                && (run.trigger() == RunTrigger.SCHEDULE || run.trigger() == RunTrigger.CATCH_UP);
    }
}
