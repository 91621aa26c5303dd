package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page of one runbook shows.
 *
 * @param scheduleWords empty when it only runs when asked
 * @param cron the expression; empty where there is none
 * @param cluster what all agents of the cluster know of it; null for a runbook of this host alone
 * @param source the file as it stands on disk; null when it is gone
 */
public record RunbookView(
        AgentView agent,
        Runbook runbook,
        String scheduleWords,
        String cron,
        List<Instant> nextFireTimes,
        boolean paused,
        List<RunOutcome> runs,
        @Nullable ClusterRuns cluster,
        @Nullable String source) {}
