package io.watchkeeper.engine;

import io.watchkeeper.runbook.RunState;
import java.util.Optional;

/** What the engine needs to know of earlier runs. */
@FunctionalInterface
public interface PastRuns {

    /** How the newest real (not dry) run of this runbook ended that was neither skipped nor cancelled: those say nothing about it. */
    Optional<RunState> lastVerdict(String runbook);
}
