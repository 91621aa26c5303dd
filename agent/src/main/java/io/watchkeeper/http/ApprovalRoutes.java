package io.watchkeeper.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.access.Scope;
import io.watchkeeper.approval.Approval;
import io.watchkeeper.approval.ApprovalRequest;
import io.watchkeeper.approval.Approvals;
import io.watchkeeper.runbook.Requester;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code /v1/runs/{id}/approvals}: who agreed to the plan that a run shows, and agreeing to it. */
final class ApprovalRoutes {

    private final RunLookup runs;
    private final Approvals approvals;
    private final int maxBody;

    ApprovalRoutes(HttpServer.Parts parts, RunLookup runs) {
        this.runs = runs;
        this.approvals = parts.approvals();
        this.maxBody = parts.settings().maxBody();
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/runs/{id}/approvals", this::show);
        routes.post("/v1/runs/{id}/approvals", this::approve);
    }

    private void show(Context ctx) {
        Query.of(ctx);
        Json.send(ctx, 200, document(asked(ctx)));
    }

    private void approve(Context ctx) {
        Caller caller = Caller.of(ctx);
        caller.require(Scope.APPROVE);
        Query.of(ctx);
        JsonNode body = RequestBody.read(ctx, maxBody);
        if (!body.isMissingNode()) {
            RequestBody.requireObject(body, Set.of());
        }
        ApprovalRequest request = asked(ctx);
        Requester asker = runs.get(request.runId()).by();
        if (asker != null && asker.name().equals(caller.name())) {
            throw new ApiException(
                    403,
                    caller.name() + " has asked for this itself, and does not count among those who agree to it",
                    "It takes " + request.needed() + " others.");
        }
        if (!approvals.approve(request, caller.name())) {
            throw new ApiException(
                    409,
                    caller.name() + " has approved this plan already",
                    "It takes " + request.needed() + " different people.");
        }
        Json.send(ctx, 201, document(request));
    }

    private ApprovalRequest asked(Context ctx) {
        String runId = runs.get(ctx.pathParam("id")).runId();
        return approvals
                .asked(runId)
                .orElseThrow(() -> new ApiException(
                        409,
                        "run " + runId + " does not wait for approval",
                        "The run to approve is named where the approval is asked for."));
    }

    private Map<String, Object> document(ApprovalRequest request) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("runId", request.runId());
        document.put("subject", request.subject());
        document.put("digest", request.digest());
        document.put("approvals", documents(approvals.given(request.digest())));
        document.put("needed", request.needed());
        return document;
    }

    static List<Map<String, Object>> documents(List<Approval> given) {
        return given.stream()
                .map(one -> Map.<String, Object>of(
                        "approver", one.approver(), "at", one.at().toString()))
                .toList();
    }
}
