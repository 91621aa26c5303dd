package io.watchkeeper.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.engine.ParametersException;
import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.http.page.Sorting;
import io.watchkeeper.http.page.StatusView;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code /v1/runbooks}: what is loaded, run it, pause it. */
final class RunbookRoutes {

    private static final int FIRE_TIMES = 5;

    private final RunbookRegistry registry;
    private final RunControl control;
    private final RunLookup runs;
    private final Overview overview;
    private final Timetable timetable;
    private final LiveEvents live;
    private final int maxBody;

    RunbookRoutes(HttpServer.Parts parts, RunLookup runs, Overview overview) {
        this.overview = overview;
        this.registry = parts.registry();
        this.control = parts.control();
        this.runs = runs;
        this.timetable = parts.timetable();
        this.live = parts.live();
        this.maxBody = parts.settings().maxBody();
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/runbooks", this::list);
        routes.get("/v1/runbooks/{name}", this::show);
        routes.post("/v1/runbooks/{name}/runs", this::start);
        routes.put("/v1/runbooks/{name}/paused", this::pause);
    }

    private void list(Context ctx) {
        Sorting sorting = Listings.RUNBOOKS.sorting(ctx);
        Map<String, RunOutcome> lastRuns = runs.lastRuns();
        List<Object> documents = new ArrayList<>();
        for (StatusView.Row row : Listings.RUNBOOKS.of(overview.rows(), sorting)) {
            documents.add(summary(row.runbook(), lastRuns));
        }
        Json.send(ctx, 200, documents);
    }

    private void show(Context ctx) {
        Query.of(ctx);
        Runbook runbook = find(registry, ctx.pathParam("name"));
        Map<String, Object> document = summary(runbook, runs.lastRuns());
        document.putAll(RunbookDocument.details(runbook));
        SourceText.of(runbook.location().file()).ifPresent(source -> document.put("source", source));
        Json.send(ctx, document);
    }

    private void start(Context ctx) {
        Query.of(ctx);
        Runbook runbook = find(registry, ctx.pathParam("name"));
        JsonNode body = RequestBody.read(ctx, maxBody);
        boolean dryRun = false;
        Map<String, String> params = Map.of();
        if (!body.isMissingNode()) {
            RequestBody.requireObject(body, Set.of("params", "dryRun"));
            dryRun = body.has("dryRun") && flag(body.get("dryRun"), "dryRun");
            params = params(body.path("params"));
        }
        RunHandle handle;
        try {
            handle = control.start(new RunRequest(
                    runbook, RunTrigger.HTTP, params, dryRun, Caller.of(ctx).requester()));
        } catch (ParametersException e) {
            throw ApiException.badRequest(String.valueOf(e.getMessage()), e.hint());
        }
        ctx.header("Location", "/v1/runs/" + handle.runId());
        Json.send(ctx, 202, Map.of("runId", handle.runId()));
    }

    private void pause(Context ctx) {
        Query.of(ctx);
        Runbook runbook = find(registry, ctx.pathParam("name"));
        JsonNode body = RequestBody.read(ctx, maxBody);
        boolean paused;
        if (body.isBoolean()) {
            paused = body.booleanValue();
        } else {
            if (body.isMissingNode()) {
                throw ApiException.badRequest("the body is empty", "Send {\"paused\": true} or {\"paused\": false}.");
            }
            RequestBody.requireObject(body, Set.of("paused"));
            paused = flag(body.path("paused"), "paused");
        }
        timetable.setPaused(runbook.name(), paused);
        live.pausedChanged(runbook.name(), paused);
        Json.send(ctx, Map.of("runbook", runbook.name(), "paused", paused));
    }

    /** @throws ApiException with 404, naming the runbook that was probably meant; with 503 while nobody can know, because the agent starts */
    static Runbook find(RunbookRegistry registry, String name) {
        return registry.find(name).orElseThrow(() -> {
            if (!registry.isFilled()) {
                return new ApiException(
                        503,
                        "the agent starts, and is still loading the runbooks",
                        "Try again in a moment.",
                        Map.of("Retry-After", "1"));
            }
            Set<String> known = registry.contents().runbooks().keySet();
            String meant = Suggestion.didYouMean(name, known);
            return ApiException.notFound(
                    "there is no runbook '" + name + "'" + (meant.isEmpty() ? "" : "; " + meant.strip()),
                    known.isEmpty()
                            ? "No runbook is loaded; 'watchkeeper validate' and GET /v1/problems say why."
                            : "'watchkeeper list' and GET /v1/runbooks say which are loaded.");
        });
    }

    private Map<String, Object> summary(Runbook runbook, Map<String, RunOutcome> lastRuns) {
        return RunbookDocument.summary(
                runbook,
                timetable.nextFireTimes(runbook.name(), FIRE_TIMES),
                timetable.isPaused(runbook.name()),
                lastRuns.get(runbook.name()));
    }

    private static boolean flag(JsonNode node, String name) {
        if (!node.isBoolean()) {
            throw ApiException.badRequest(
                    "'" + name + "' is " + (node.isMissingNode() ? "missing" : RequestBody.kind(node)),
                    "Give true or false.");
        }
        return node.booleanValue();
    }

    private static Map<String, String> params(JsonNode node) {
        Map<String, String> params = new LinkedHashMap<>();
        if (node.isMissingNode()) {
            return params;
        }
        if (!node.isObject()) {
            throw ApiException.badRequest(
                    "'params' is " + RequestBody.kind(node) + ", not an object",
                    "For example {\"params\": {\"since\": \"1 day\"}}.");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!field.getValue().isValueNode() || field.getValue().isNull()) {
                throw ApiException.badRequest(
                        "parameter '" + field.getKey() + "' is " + RequestBody.kind(field.getValue()),
                        "Give a text, a number, true or false.");
            }
            params.put(field.getKey(), field.getValue().asText());
        }
        return params;
    }
}
