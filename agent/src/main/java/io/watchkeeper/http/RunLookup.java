package io.watchkeeper.http;

import io.watchkeeper.engine.LogLine;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Past and present runs as one: the engine knows best what is running, the store everything else. */
final class RunLookup {

    private static final int SHORTEST_PREFIX = 4;
    private static final int WHOLE_ID = 26;

    private final RunControl control;
    private final RunArchive archive;
    private final LiveEvents live;

    RunLookup(RunControl control, RunArchive archive, LiveEvents live) {
        this.control = control;
        this.archive = archive;
        this.live = live;
    }

    List<RunOutcome> running() {
        return control.running();
    }

    Map<String, RunOutcome> lastRuns() {
        return archive.lastRuns();
    }

    /** By whole id or an unambiguous prefix of at least four characters, in any case of letters. */
    Optional<RunOutcome> find(String runIdOrPrefix) {
        String id = runIdOrPrefix.toUpperCase(Locale.ROOT);
        if (id.length() < SHORTEST_PREFIX) {
            return Optional.empty();
        }
        Optional<RunOutcome> running = running(id);
        if (running.isPresent()) {
            return running;
        }
        try {
            // A prefix, too: it may be meant for a run that has ended, and only the store knows those.
            return archive.find(id).map(found -> running(found.runId()).orElse(found));
        } catch (OperatorException e) {
            if (id.length() == WHOLE_ID) {
                throw e;
            }
            // A prefix that several runs have is the caller's to lengthen; anything else is the store's trouble.
            throw ApiException.badRequest(String.valueOf(e.getMessage()), e.hint());
        }
    }

    private Optional<RunOutcome> running(String runId) {
        return running().stream().filter(r -> r.runId().equals(runId)).findFirst();
    }

    /** @throws ApiException with 404 */
    RunOutcome get(String runIdOrPrefix) {
        return find(runIdOrPrefix)
                .orElseThrow(
                        () -> ApiException.notFound(
                                "there is no run " + runIdOrPrefix,
                                "'watchkeeper history' and GET /v1/runs list the newest. Runs older than history.keepRuns are forgotten."));
    }

    /** Newest first, running ones as far as they have got. */
    List<RunOutcome> list(@Nullable String runbook, @Nullable RunState state, int limit, @Nullable String before) {
        Map<String, RunOutcome> runs = new LinkedHashMap<>();
        for (RunOutcome run : archive.list(new RunHistory.Query(runbook, state, limit, before))) {
            runs.put(run.runId(), run);
        }
        for (RunOutcome run : running()) {
            runs.remove(run.runId());
            if ((runbook == null || run.runbook().equals(runbook))
                    && (state == null || run.state() == state)
                    && (before == null || run.runId().compareTo(before) < 0)) {
                runs.put(run.runId(), run);
            }
        }
        List<RunOutcome> newestFirst = new ArrayList<>(runs.values());
        newestFirst.sort(Comparator.comparing(RunOutcome::runId).reversed());
        return newestFirst.subList(0, Math.min(limit, newestFirst.size()));
    }

    /** A running run's lines may not have reached the store yet; a chatty one's beginning is only there. */
    List<LogLine> log(RunOutcome run) {
        return live.find(run.runId())
                .filter(l -> !l.isLogCut())
                .map(LiveRun::log)
                .orElseGet(() -> archive.log(run.runId()));
    }
}
