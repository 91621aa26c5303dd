package io.watchkeeper.engine;

import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import java.util.Map;

/**
 * A wish to run a runbook.
 *
 * @param params as given; the runbook's defaults fill the rest
 * @param by who asks
 */
public record RunRequest(
        Runbook runbook, RunTrigger trigger, Map<String, String> params, boolean dryRun, Requester by) {
    public RunRequest {
        params = Map.copyOf(params);
    }

    /** By whoever usually asks in this way. */
    public RunRequest(Runbook runbook, RunTrigger trigger, Map<String, String> params, boolean dryRun) {
        this(runbook, trigger, params, dryRun, Requester.of(trigger));
    }
}
