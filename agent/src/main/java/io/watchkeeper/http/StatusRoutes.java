package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.metrics.MetricsPage;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.units.Secret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the agent itself is: health, metrics, status, what is wrong in the files. */
final class StatusRoutes {

    private final HttpServer.Parts parts;
    private final EventStreams streams;

    StatusRoutes(HttpServer.Parts parts, EventStreams streams) {
        this.parts = parts;
        this.streams = streams;
    }

    void register(RoutesConfig routes) {
        routes.get("/health", this::live);
        routes.get("/health/live", this::live);
        routes.get("/health/ready", this::ready);
        routes.get("/metrics", this::metrics);
        routes.get("/v1/status", this::status);
        routes.get("/v1/problems", this::problems);
        routes.get("/v1/events", this::events);
    }

    private void live(Context ctx) {
        Json.send(ctx, Map.of("status", "live"));
    }

    private void ready(Context ctx) {
        Map<String, Object> health = health(parts.readiness());
        Json.send(ctx, parts.readiness().reasons().isEmpty() ? 200 : 503, health);
    }

    private void metrics(Context ctx) {
        String accept = ctx.header("Accept");
        MetricsPage.Page page = parts.metrics().render(accept == null ? "" : accept);
        ctx.contentType(page.contentType()).result(Secret.redact(page.body()));
    }

    private void status(Context ctx) {
        Query.of(ctx);
        RunbookRegistry.Contents contents = parts.registry().contents();
        HttpServer.About about = parts.about();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("host", about.host());
        document.put("role", about.role());
        document.put("version", about.version());
        document.put("startedAt", about.startedAt().toString());
        document.put(
                "uptimeSeconds",
                Duration.between(about.startedAt(), parts.clock().instant()).toSeconds());
        document.put("health", health(parts.readiness()));
        document.put("runbooks", contents.runbooks().size());
        document.put("problems", contents.problems().size());
        document.put(
                "running",
                parts.control().running().stream().map(RunDocument::summary).toList());
        document.put(
                "paused",
                contents.runbooks().keySet().stream()
                        .filter(parts.timetable()::isPaused)
                        .toList());
        Json.send(ctx, document);
    }

    private void problems(Context ctx) {
        Query.of(ctx);
        Json.send(
                ctx,
                200,
                parts.registry().contents().problems().stream()
                        .map(StatusRoutes::document)
                        .toList());
    }

    private void events(Context ctx) {
        Query.of(ctx);
        streams.send(ctx, parts.live().watch());
    }

    private static Map<String, Object> health(Readiness readiness) {
        List<String> reasons = readiness.reasons();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("status", reasons.isEmpty() ? "ready" : "not ready");
        document.put("reasons", reasons);
        document.put("warnings", readiness.warnings());
        return document;
    }

    private static Map<String, Object> document(Problem problem) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("file", problem.file());
        document.put("line", problem.line());
        document.put("column", problem.column());
        document.put("message", problem.message());
        document.put("hint", problem.hint());
        return document;
    }
}
