package io.watchkeeper.http.page;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.Runbook;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page of one run shows.
 *
 * @param runbook as it is loaded now; null when it is gone
 * @param rates how fast it has moved rows, as far as this process remembers
 * @param scheduleWords of the runbook; empty when it only runs when asked
 * @param excerpt of the file where the run failed; null when there is no such place
 * @param linesLeftOut how many older lines the log has beside these
 */
public record RunView(
        AgentView agent,
        RunOutcome run,
        @Nullable Runbook runbook,
        List<LogLine> log,
        int linesLeftOut,
        List<Map<String, Object>> progress,
        List<RateSample> rates,
        String scheduleWords,
        @Nullable Excerpt excerpt) {}
