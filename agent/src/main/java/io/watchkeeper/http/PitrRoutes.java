package io.watchkeeper.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/meta/pitr}: begins a restore drill. */
final class PitrRoutes {

    private static final String EXAMPLE =
            "For example {\"timestamp\": \"2026-11-21T14:30:00Z\"} or {\"lsn\": \"0/8F3A2C10\"}.";

    private final DrillMaker drills;
    private final RunControl control;
    private final int maxBody;

    PitrRoutes(HttpServer.Parts parts) {
        this.drills = parts.drills();
        this.control = parts.control();
        this.maxBody = parts.settings().maxBody();
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/meta/pitr", this::start);
    }

    private void start(Context ctx) {
        Query.of(ctx);
        JsonNode body = RequestBody.read(ctx, maxBody);
        if (body.isMissingNode()) {
            throw ApiException.badRequest("the body is empty", EXAMPLE);
        }
        RequestBody.requireObject(body, Set.of("timestamp", "lsn", "database"));
        String timestamp = text(body, "timestamp");
        String lsn = text(body, "lsn");
        if ((timestamp == null) == (lsn == null)) {
            throw ApiException.badRequest(
                    timestamp == null
                            ? "neither 'timestamp' nor 'lsn' is given"
                            : "both 'timestamp' and 'lsn' are given",
                    EXAMPLE);
        }
        Runbook drill = made(text(body, "database"), timestamp, lsn);
        requireNoneRunning(drill.name());
        RunHandle handle = control.start(new RunRequest(
                drill, RunTrigger.HTTP, Map.of(), false, Caller.of(ctx).requester()));
        ctx.header("Location", "/v1/runs/" + handle.runId());
        Json.send(ctx, 202, Map.of("runId", handle.runId()));
    }

    private Runbook made(@Nullable String database, @Nullable String timestamp, @Nullable String lsn) {
        try {
            return drills.drill(database, timestamp, lsn);
        } catch (OperatorException e) {
            throw new ApiException(422, String.valueOf(e.getMessage()), e.hint());
        }
    }

    private void requireNoneRunning(String name) {
        Optional<RunOutcome> running = control.running().stream()
                .filter(run -> run.runbook().equals(name))
                .findFirst();
        if (running.isPresent()) {
            throw new ApiException(
                    409,
                    "a drill is running already: run " + running.get().runId(),
                    "Wait for it, or cancel it with DELETE /v1/runs/"
                            + running.get().runId() + ".");
        }
    }

    private static @Nullable String text(JsonNode body, String field) {
        JsonNode node = body.get(field);
        if (node == null) {
            return null;
        }
        if (!node.isTextual() || node.textValue().isBlank()) {
            throw ApiException.badRequest(
                    "'" + field + "' is " + RequestBody.kind(node) + ", not a filled text", EXAMPLE);
        }
        return node.textValue();
    }
}
