package io.watchkeeper.engine;

import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import java.util.Map;

/**
 * A wish to run a runbook.
 *
 * @param params as given; the runbook's defaults fill the rest
 */
public record RunRequest(Runbook runbook, RunTrigger trigger, Map<String, String> params, boolean dryRun) {
    public RunRequest {
        params = Map.copyOf(params);
    }
}
