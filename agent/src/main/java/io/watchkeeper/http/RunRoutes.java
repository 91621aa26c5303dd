package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.engine.RunId;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.units.Secret;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code /v1/runs}: what ran, what is running, its log and events, and stopping it. */
final class RunRoutes {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MOST = 500;

    private final RunControl control;
    private final RunLookup runs;
    private final LiveEvents live;
    private final EventStreams streams;
    private final ClusterRoutes cluster;
    private final CallRecord record;

    /** @param record is told who cancels a run */
    RunRoutes(
            RunControl control,
            RunLookup runs,
            LiveEvents live,
            EventStreams streams,
            ClusterRoutes cluster,
            CallRecord record) {
        this.control = control;
        this.runs = runs;
        this.live = live;
        this.streams = streams;
        this.cluster = cluster;
        this.record = record;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/runs", this::list);
        routes.get("/v1/runs/{id}", this::show);
        routes.get("/v1/runs/{id}/log", this::log);
        routes.get("/v1/runs/{id}/events", this::events);
        routes.delete("/v1/runs/{id}", this::cancel);
    }

    private void list(Context ctx) {
        if ("cluster".equals(ctx.queryParam("scope"))) {
            Query query = Query.of(ctx, "scope", "runbook", "limit");
            Json.send(
                    ctx,
                    200,
                    cluster.runs(query.text("runbook").orElse(null), query.number("limit", DEFAULT_LIMIT, 1, MOST)));
            return;
        }
        Query query = Query.of(ctx, "scope", "runbook", "state", "limit", "before");
        query.text("scope").filter(scope -> !scope.equals("host")).ifPresent(scope -> {
            throw ApiException.badRequest("there is no scope '" + scope + "'", "Scopes: host, cluster.");
        });
        Optional<RunState> state = query.text("state").map(RunRoutes::state);
        List<RunOutcome> found = runs.list(
                query.text("runbook").orElse(null),
                state.orElse(null),
                query.number("limit", DEFAULT_LIMIT, 1, MOST),
                query.text("before").map(RunRoutes::wholeId).orElse(null));
        Json.send(ctx, 200, found.stream().map(RunDocument::summary).toList());
    }

    private void show(Context ctx) {
        Query.of(ctx);
        RunOutcome run = runs.get(ctx.pathParam("id"));
        Map<String, Object> document = RunDocument.of(run);
        List<Map<String, Object>> progress = live.progress(run.runId());
        if (!progress.isEmpty()) {
            document.put("progress", progress);
        }
        Json.send(ctx, document);
    }

    private void log(Context ctx) {
        Query.of(ctx);
        List<LogLine> lines = runs.log(runs.get(ctx.pathParam("id")));
        if (wants(ctx, "application/json")) {
            Json.send(ctx, 200, lines.stream().map(LiveEvents::logDocument).toList());
            return;
        }
        StringBuilder text = new StringBuilder();
        for (LogLine line : lines) {
            text.append(line.at()).append(' ').append(line.level()).append(' ').append(line.message());
            text.append('\n');
        }
        ctx.contentType("text/plain; charset=utf-8").result(Secret.redact(text.toString()));
    }

    private void events(Context ctx) {
        Query.of(ctx);
        RunOutcome run = runs.get(ctx.pathParam("id"));
        String lastSeen = EventStreams.lastSeen(ctx);
        EventQueue queue = live.find(run.runId())
                .map(l -> l.follow(LiveEvent.number(lastSeen)))
                .orElseGet(() -> StoredStory.of(run, runs.log(run), lastSeen));
        streams.send(ctx, queue);
    }

    private void cancel(Context ctx) {
        Query.of(ctx);
        Caller caller = Caller.of(ctx);
        RunOutcome run = runs.get(ctx.pathParam("id"));
        if (run.state().isFinal()
                || !control.cancel(run.runId(), "asked over HTTP by " + caller.name() + " from " + caller.from())) {
            RunState state = runs.find(run.runId()).map(RunOutcome::state).orElse(run.state());
            throw new ApiException(
                    409,
                    "run " + run.runId() + " has already ended: " + state.wireName(),
                    "There is nothing to cancel.");
        }
        record.cancelled(ctx, caller, run);
        Json.send(ctx, 202, Map.of("runId", run.runId(), "cancelling", true));
    }

    /** Anything else sorts somewhere too, and the page that follows would be a wrong one. */
    static String wholeId(String before) {
        String id = before.toUpperCase(Locale.ROOT);
        if (!RunId.isValid(id)) {
            throw ApiException.badRequest(
                    "before is '" + before + "', which is not a run's id", "Give the runId of the last run of a page.");
        }
        return id;
    }

    static RunState state(String wireName) {
        return RunState.ofWireName(wireName).orElseThrow(() -> {
            List<String> known =
                    Arrays.stream(RunState.values()).map(RunState::wireName).toList();
            return ApiException.badRequest(
                    "there is no state '" + wireName + "'",
                    Suggestion.didYouMean(wireName, known) + "States: " + String.join(", ", known) + ".");
        });
    }

    static boolean wants(Context ctx, String mediaType) {
        String accept = ctx.header("Accept");
        return accept != null && accept.contains(mediaType);
    }
}
