package io.watchkeeper.engine;

import io.watchkeeper.runbook.RunState;
import java.util.Optional;

/** What the engine needs to know of earlier runs. */
@FunctionalInterface
public interface PastRuns {

    /** How the newest real (not dry) run of this runbook that was not skipped ended. */
    Optional<RunState> lastEnd(String runbook);
}
