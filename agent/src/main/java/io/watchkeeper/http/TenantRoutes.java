package io.watchkeeper.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.access.Scope;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.runbook.RunTrigger;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/meta/tenant}: begins to make a tenant. */
final class TenantRoutes {

    private static final String EXAMPLE = "For example {\"id\": \"acme\", \"region\": \"kr\", \"plan\": \"small\"}.";
    private static final String HEADER = "Idempotency-Key";
    private static final String FIELD = "idempotencyKey";

    private final TenantMaker tenants;
    private final RunControl control;
    private final int maxBody;

    TenantRoutes(HttpServer.Parts parts) {
        this.tenants = parts.tenants();
        this.control = parts.control();
        this.maxBody = parts.settings().maxBody();
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/meta/tenant", this::start);
    }

    private void start(Context ctx) {
        Caller caller = Caller.of(ctx);
        caller.require(Scope.ADMIN);
        Query.of(ctx);
        JsonNode body = RequestBody.read(ctx, maxBody);
        if (body.isMissingNode()) {
            throw ApiException.badRequest("the body is empty", EXAMPLE);
        }
        RequestBody.requireObject(body, Set.of("id", "region", "plan", FIELD));
        TenantMaker.Wish wish = new TenantMaker.Wish(
                required(body, "id"), required(body, "region"), required(body, "plan"), key(ctx, body));
        String runId = begun(wish, caller);
        ctx.header("Location", "/v1/runs/" + runId);
        Json.send(ctx, 202, Map.of("runId", runId));
    }

    private String begun(TenantMaker.Wish wish, Caller caller) {
        try {
            return tenants.begin(
                    wish,
                    runbook -> control.start(
                            new RunRequest(runbook, RunTrigger.HTTP, Map.of(), false, caller.requester())));
        } catch (TenantMaker.Refused e) {
            throw new ApiException(e.status(), String.valueOf(e.getMessage()), e.hint());
        }
    }

    private static @Nullable String key(Context ctx, JsonNode body) {
        String inHeader = ctx.header(HEADER);
        String inBody = body.has(FIELD) ? required(body, FIELD) : null;
        if (inHeader != null && inBody != null && !inHeader.equals(inBody)) {
            throw ApiException.badRequest(
                    "the header " + HEADER + " and the field '" + FIELD + "' differ", "Send one of them.");
        }
        return inHeader == null ? inBody : inHeader;
    }

    private static String required(JsonNode body, String field) {
        JsonNode node = body.get(field);
        if (node == null) {
            throw ApiException.badRequest("'" + field + "' is missing", EXAMPLE);
        }
        if (!node.isTextual() || node.textValue().isBlank()) {
            throw ApiException.badRequest(
                    "'" + field + "' is " + RequestBody.kind(node) + ", not a filled text", EXAMPLE);
        }
        return node.textValue();
    }
}
