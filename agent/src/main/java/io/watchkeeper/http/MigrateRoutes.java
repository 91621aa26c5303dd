package io.watchkeeper.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.watchkeeper.access.Scope;
import io.watchkeeper.approval.Approval;
import io.watchkeeper.approval.ApprovalRequest;
import io.watchkeeper.approval.Approvals;
import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.Requester;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.units.Secret;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/meta/migrate}: begins a migration, or shows its plan to those who have to agree to it. */
final class MigrateRoutes {

    private static final String EXAMPLE = "For example {\"rev\": \"users\"}.";
    private static final int LONGEST_REVISION = 200;
    private static final Duration PLANNING = Duration.ofSeconds(30);

    private final MigrationMaker migrations;
    private final Approvals approvals;
    private final RunControl control;
    private final RunLookup runs;
    private final Clock clock;
    private final int maxBody;

    /** The plan that was shown last, so that asking again makes no further run of it. */
    private final AtomicReference<@Nullable ApprovalRequest> shown = new AtomicReference<>();

    MigrateRoutes(HttpServer.Parts parts, RunLookup runs) {
        this.runs = runs;
        this.migrations = parts.migrations();
        this.approvals = parts.approvals();
        this.control = parts.control();
        this.clock = parts.clock();
        this.maxBody = parts.settings().maxBody();
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/meta/migrate", this::start);
    }

    private void start(Context ctx) {
        Caller caller = Caller.of(ctx);
        caller.require(Scope.ADMIN);
        Query.of(ctx);
        JsonNode body = RequestBody.read(ctx, maxBody);
        if (body.isMissingNode()) {
            throw ApiException.badRequest("the body is empty", EXAMPLE);
        }
        RequestBody.requireObject(body, Set.of("rev", "revert"));
        MigrationMaker.Migration migration = wanted(revision(body), isRevert(body));
        List<Approval> given = approvals.givenByOthers(migration.digest(), caller.name());
        if (given.size() < migration.approvers()) {
            askForApproval(ctx, migration, given, caller.requester());
            return;
        }
        RunHandle handle = control.start(
                new RunRequest(migration.runbook(), RunTrigger.HTTP, Map.of(), false, caller.requester()));
        ctx.header("Location", "/v1/runs/" + handle.runId());
        Json.send(ctx, 202, Map.of("runId", handle.runId()));
    }

    private MigrationMaker.Migration wanted(String revision, boolean revert) {
        try {
            MigrationMaker.Migration migration = migrations.migration(revision, revert);
            requireNoneRunning(migration.runbook().name());
            return migration;
        } catch (MigrationMaker.UnknownRevision e) {
            throw ApiException.badRequest(String.valueOf(e.getMessage()), e.hint());
        } catch (MigrationMaker.Busy e) {
            throw new ApiException(409, String.valueOf(e.getMessage()), e.hint());
        } catch (ApiException e) {
            throw e;
        } catch (OperatorException e) {
            throw new ApiException(422, String.valueOf(e.getMessage()), e.hint());
        }
    }

    private void requireNoneRunning(String name) {
        Optional<RunOutcome> running = control.running().stream()
                .filter(run -> run.runbook().equals(name) && !run.dryRun())
                .findFirst();
        if (running.isPresent()) {
            throw new ApiException(
                    409,
                    "a migration is running already: run " + running.get().runId(),
                    "Wait for it, or cancel it with DELETE /v1/runs/"
                            + running.get().runId() + ".");
        }
    }

    private void askForApproval(
            Context ctx, MigrationMaker.Migration migration, List<Approval> given, Requester requester) {
        String runId = runOfThePlan(migration, requester);
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", "Conflict");
        problem.put("status", 409);
        problem.put(
                "detail",
                Secret.redact("to " + migration.subject() + " takes the approval of " + migration.approvers()
                        + " people other than " + requester.name() + ", and " + given.size() + " gave it"));
        problem.put(
                "hint",
                "With different tokens, none of them that of whoever asks: POST /v1/runs/" + runId
                        + "/approvals. Then send this again.");
        problem.put("runId", runId);
        problem.put("digest", migration.digest());
        problem.put("needed", migration.approvers());
        problem.put("approvals", ApprovalRoutes.documents(given));
        ctx.header("Location", "/v1/runs/" + runId);
        Json.send(ctx, 409, "application/problem+json", problem);
    }

    /**
     * A dry run, which stands in the history with every statement, for those who are to agree.
     *
     * @throws ApiException when it has no plan to show
     */
    private String runOfThePlan(MigrationMaker.Migration migration, Requester requester) {
        ApprovalRequest last = shown.get();
        if (last != null && last.digest().equals(migration.digest()) && isThere(last.runId())) {
            return last.runId();
        }
        RunHandle handle =
                control.start(new RunRequest(migration.runbook(), RunTrigger.HTTP, Map.of(), true, requester));
        try {
            requirePlan(handle.outcome().get(PLANNING.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            // The plan is being written down still; whoever looks at the run sees it come.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a run's outcome never fails", e);
        }
        ApprovalRequest request = new ApprovalRequest(
                handle.runId(), migration.subject(), migration.digest(), migration.approvers(), clock.instant());
        approvals.ask(request);
        shown.set(request);
        return handle.runId();
    }

    /** Not forgotten, and, where it was not waited for to its end, not failed since. */
    private boolean isThere(String runId) {
        return runs.find(runId)
                .filter(run -> !run.state().isFinal() || run.state() == RunState.SUCCEEDED)
                .isPresent();
    }

    private static void requirePlan(RunOutcome run) {
        if (run.state() != RunState.SUCCEEDED) {
            RunError error = run.error();
            throw new ApiException(
                    422,
                    "there is no plan to agree to: its dry run " + run.runId() + " ended as "
                            + run.state().wireName() + (error == null ? "" : ": " + error.message()),
                    error == null ? "GET /v1/runs/" + run.runId() + "/log says more." : error.hint());
        }
    }

    private static String revision(JsonNode body) {
        JsonNode node = body.get("rev");
        if (node == null) {
            throw ApiException.badRequest("'rev' is missing", EXAMPLE);
        }
        if (!node.isTextual() || node.textValue().isBlank()) {
            throw ApiException.badRequest("'rev' is " + RequestBody.kind(node) + ", not a filled text", EXAMPLE);
        }
        if (node.textValue().length() > LONGEST_REVISION) {
            throw ApiException.badRequest("'rev' has more than " + LONGEST_REVISION + " characters", EXAMPLE);
        }
        return node.textValue();
    }

    private static boolean isRevert(JsonNode body) {
        JsonNode node = body.get("revert");
        if (node != null && !node.isBoolean()) {
            throw ApiException.badRequest("'revert' is " + RequestBody.kind(node) + ", not true or false", EXAMPLE);
        }
        return node != null && node.booleanValue();
    }
}
