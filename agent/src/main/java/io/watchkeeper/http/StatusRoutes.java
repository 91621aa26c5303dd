package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.http.page.Headline;
import io.watchkeeper.http.page.StatusView;
import io.watchkeeper.http.page.Words;
import io.watchkeeper.metrics.MetricsPage;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.protection.Concern;
import io.watchkeeper.replicas.ReplicationConcern;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.units.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the agent itself is: health, metrics, status, what is wrong in the files. */
final class StatusRoutes {

    private final HttpServer.Parts parts;
    private final Overview overview;
    private final EventStreams streams;

    StatusRoutes(HttpServer.Parts parts, Overview overview, EventStreams streams) {
        this.parts = parts;
        this.overview = overview;
        this.streams = streams;
    }

    void register(RoutesConfig routes) {
        routes.get("/health", this::live);
        routes.get("/health/live", this::live);
        routes.get("/health/ready", this::ready);
        routes.get("/metrics", this::metrics);
        routes.get("/v1/status", this::status);
        routes.get("/v1/version", this::version);
        routes.get("/v1/problems", this::problems);
        routes.get("/v1/events", this::events);
    }

    private void live(Context ctx) {
        Json.send(ctx, Map.of("status", "live"));
    }

    private void ready(Context ctx) {
        // Asked once: what is answered in the body and in the status would not always be the same else.
        List<String> reasons = parts.readiness().reasons();
        Json.send(
                ctx,
                reasons.isEmpty() ? 200 : 503,
                health(reasons, parts.readiness().warnings()));
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
        StatusView view = overview.view();
        document.put(
                "headline",
                Headline.of(view, Words.in(ctx.header("Accept-Language"))).sentence());
        document.put("attention", attention(view));
        document.put("health", health(view.notReady(), parts.readiness().warnings()));
        document.put("runbooks", contents.runbooks().size());
        document.put("problems", contents.problems().size());
        document.put(
                "running",
                parts.control().running().stream().map(RunDocument::summary).toList());
        document.put("heavy", HeavyWorkRoutes.document(view.heavy()));
        document.put(
                "paused",
                contents.runbooks().keySet().stream()
                        .filter(parts.timetable()::isPaused)
                        .toList());
        Json.send(ctx, document);
    }

    private void version(Context ctx) {
        Query.of(ctx);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("version", parts.about().version());
        document.put("java", System.getProperty("java.version"));
        document.put("host", parts.about().host());
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
        streams.sendAudibly(ctx, parts.live().watch());
    }

    /** The same things as the cards of the page, for tools. */
    private static List<Object> attention(StatusView view) {
        List<Object> attention = new ArrayList<>();
        view.notReady().forEach(reason -> attention.add(item("notReady", reason, null)));
        for (StatusView.Failing failing : view.failing()) {
            RunOutcome run = failing.last();
            RunError error = run.error();
            String times = failing.times() == 1 ? "" : " " + failing.times() + " times in a row";
            Map<String, Object> item = item(
                    run.state().wireName(),
                    run.runbook()
                            + (run.state() == RunState.TIMED_OUT ? " timed out" : " failed")
                            + times
                            + (error == null ? "" : ": " + error.message()),
                    error == null ? null : error.hint());
            item.put("runbook", run.runbook());
            item.put("runId", run.runId());
            item.put("since", failing.since().toString());
            attention.add(item);
        }
        for (StatusView.Broken broken : view.broken()) {
            Problem problem = broken.problem();
            attention.add(item("loadError", place(problem) + ": " + problem.message(), problem.hint()));
        }
        for (Concern concern : view.urgentConcerns()) {
            Map<String, Object> item = item(concern.kind().wireName(), concern.message(), concern.hint());
            item.put("database", concern.database());
            attention.add(item);
        }
        for (ReplicationConcern concern : view.urgentReplicationConcerns()) {
            Map<String, Object> item = item(concern.kind().wireName(), concern.message(), concern.hint());
            item.put("database", concern.database());
            attention.add(item);
        }
        return attention;
    }

    private static String place(Problem problem) {
        return problem.file()
                + (problem.line() > 0 ? ":" + problem.line() : "")
                + (problem.line() > 0 && problem.column() > 0 ? ":" + problem.column() : "");
    }

    private static Map<String, Object> item(String kind, String message, @Nullable String hint) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("kind", kind);
        item.put("message", message);
        if (hint != null) {
            item.put("hint", hint);
        }
        return item;
    }

    private static Map<String, Object> health(List<String> reasons, List<String> warnings) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("status", reasons.isEmpty() ? "ready" : "not ready");
        document.put("reasons", reasons);
        document.put("warnings", warnings);
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
