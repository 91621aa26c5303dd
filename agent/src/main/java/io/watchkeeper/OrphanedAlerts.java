package io.watchkeeper;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.AlertDispatcher;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.RunbookRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alerts of runbooks that the agent does not have, renamed or deleted ones, or files that were run by hand: no run of it will ever say that they
 * are over.
 */
final class OrphanedAlerts {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanedAlerts.class);

    private static final Duration PATIENCE = Duration.ofDays(1);

    /** Longer than between two runs of what another scheduler runs once a week. */
    private static final Duration PATIENCE_BY_HAND = Duration.ofDays(8);

    private OrphanedAlerts() {}

    /**
     * Ends those that were not raised for a day, or for eight where the runbook was last run by a command: another scheduler may call that. Where
     * a file has problems, its runbooks may only be away.
     *
     * @param lastRuns of each runbook
     */
    static void end(AlertDispatcher alerts, RunbookRegistry registry, Map<String, RunOutcome> lastRuns, Clock clock) {
        RunbookRegistry.Contents contents = registry.contents();
        if (!contents.problems().isEmpty()) {
            return;
        }
        Set<String> present = contents.runbooks().keySet();
        Predicate<Alert> gone =
                alert -> !present.contains(alert.runbook()) && !alert.runbook().equals(SloWatch.NAME);
        Predicate<Alert> byHand = alert -> {
            RunOutcome last = lastRuns.get(alert.runbook());
            return last != null && last.trigger() == RunTrigger.CLI;
        };
        Instant now = clock.instant();
        int ended = alerts.resolve(gone.and(byHand.negate()), now.minus(PATIENCE))
                + alerts.resolve(gone.and(byHand), now.minus(PATIENCE_BY_HAND));
        if (ended > 0) {
            LOG.info("{} alerts of runbooks that are gone are over", ended);
        }
    }
}
