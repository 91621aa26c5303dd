package io.watchkeeper;

import io.watchkeeper.alert.AlertDispatcher;
import io.watchkeeper.runbook.RunbookRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alerts of runbooks that the agent does not have, renamed or deleted ones, or files that were run by hand: no run of it will ever say that they
 * are over.
 */
final class OrphanedAlerts {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanedAlerts.class);

    /** Longer than between two runs of most of what another scheduler may run. */
    private static final Duration PATIENCE = Duration.ofDays(1);

    private OrphanedAlerts() {}

    /** Ends those that were not raised for a day. Where a file has problems, its runbooks may only be away. */
    static void end(AlertDispatcher alerts, RunbookRegistry registry, Clock clock) {
        RunbookRegistry.Contents contents = registry.contents();
        if (!contents.problems().isEmpty()) {
            return;
        }
        Set<String> present = contents.runbooks().keySet();
        Instant before = clock.instant().minus(PATIENCE);
        int ended = alerts.resolve(
                alert -> !present.contains(alert.runbook()) && !alert.runbook().equals(SloWatch.NAME), before);
        if (ended > 0) {
            LOG.info("{} alerts of runbooks that are gone are over", ended);
        }
    }
}
