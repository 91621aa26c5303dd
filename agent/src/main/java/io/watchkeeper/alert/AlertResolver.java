package io.watchkeeper.alert;

import io.watchkeeper.engine.RunListener;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;

/** Resolves a runbook's alerts when a real run of it has succeeded, except those that very run raised. */
public final class AlertResolver implements RunListener {

    private final AlertDispatcher alerts;

    public AlertResolver(AlertDispatcher alerts) {
        this.alerts = alerts;
    }

    @Override
    public void runFinished(RunOutcome run) {
        if (!run.dryRun() && run.state() == RunState.SUCCEEDED) {
            alerts.resolve(run.runbook(), run.startedAt());
        }
    }
}
