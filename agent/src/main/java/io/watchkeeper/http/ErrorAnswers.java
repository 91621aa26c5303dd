package io.watchkeeper.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.watchkeeper.problem.OperatorException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns everything that goes wrong into {@code application/problem+json}, or a page for a browser. Clients never see a stack trace; the
 * log does.
 */
final class ErrorAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);
    private static final String PROBLEM_JSON = "application/problem+json";

    private final PageRoutes pages;
    private final CallRecord record;

    ErrorAnswers(PageRoutes pages, CallRecord record) {
        this.pages = pages;
        this.record = record;
    }

    void register(RoutesConfig routes) {
        routes.exception(ApiException.class, (e, ctx) -> {
            record.refused(ctx, e);
            e.headers().forEach(ctx::header);
            answer(ctx, e.status(), e.getMessage(), e.hint());
        });
        routes.exception(HttpResponseException.class, this::routing);
        // Said by a collaborator about the agent's own condition, not about the request.
        routes.exception(OperatorException.class, (e, ctx) -> answer(ctx, 503, e.getMessage(), e.hint()));
        routes.exception(Exception.class, (e, ctx) -> {
            LOG.error("{} {} failed, request {}", ctx.method(), ctx.path(), RequestId.of(ctx), e);
            answer(ctx, 500, "the agent failed to answer", "The agent's log says why: journalctl -u watchkeeper");
        });
    }

    private void routing(HttpResponseException e, Context ctx) {
        switch (e.getStatus()) {
            case 404 -> answer(ctx, 404, "there is nothing at " + ctx.path(), "docs/http-api.md lists the calls.");
            case 405 -> {
                String allowed = e.getDetails().getOrDefault("availableMethods", "");
                if (!allowed.isEmpty()) {
                    ctx.header("Allow", allowed);
                }
                answer(
                        ctx,
                        405,
                        ctx.path() + " does not take " + ctx.method().name(),
                        allowed.isEmpty() ? null : "It takes " + allowed + ".");
            }
            default -> answer(ctx, e.getStatus(), e.getMessage(), null);
        }
    }

    private void answer(Context ctx, int status, @Nullable String detail, @Nullable String hint) {
        if (!pages.answer(ctx, status, detail == null ? "" : detail, hint)) {
            Json.send(ctx, status, PROBLEM_JSON, document(status, detail, hint, RequestId.of(ctx)));
        }
    }

    private static Map<String, Object> document(
            int status, @Nullable String detail, @Nullable String hint, String requestId) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "about:blank");
        document.put("title", HttpStatus.forStatus(status).getMessage());
        document.put("status", status);
        if (detail != null) {
            document.put("detail", detail);
        }
        if (hint != null && !hint.isEmpty()) {
            document.put("hint", hint);
        }
        document.put("requestId", requestId);
        return document;
    }

    /** For requests that never get as far as a route: malformed addresses, oversized headers. */
    static final class BeforeRouting extends ErrorHandler {

        BeforeRouting() {
            setShowStacks(false);
            setShowCauses(false);
            setShowOrigin(false);
        }

        @Override
        protected void generateResponse(
                Request request,
                Response response,
                int code,
                @Nullable String message,
                @Nullable Throwable cause,
                Callback callback) {
            String id = RequestId.choose(request.getHeaders().get(RequestId.HEADER));
            int status = ofTheClient(code);
            response.setStatus(status);
            response.getHeaders().put("Content-Type", PROBLEM_JSON);
            response.getHeaders().put(RequestId.HEADER, id);
            SecurityHeaders.ALL.forEach(response.getHeaders()::put);
            org.eclipse.jetty.io.Content.Sink.write(
                    response, true, Json.text(document(status, detail(code), null, id)) + "\n", callback);
        }

        @Override
        protected void writeErrorJson(
                Request request, PrintWriter out, int code, @Nullable String message, @Nullable Throwable cause) {
            String id = RequestId.choose(request.getHeaders().get(RequestId.HEADER));
            out.println(Json.text(document(code, detail(code), null, id)));
        }

        /** An unknown version or encoding is no failure of ours, and must not look like one to whoever watches for 5xx. */
        private static int ofTheClient(int code) {
            return code == 501 || code == 505 ? 400 : code;
        }

        /** In words of our own: the server's name classes and states of its parser. */
        private static @Nullable String detail(int code) {
            return switch (code) {
                case 400 -> "the request is malformed";
                case 408 -> "the request came in too slowly";
                case 414, 431 -> "the address or the headers of the request are too long";
                case 500 -> "the agent failed to answer";
                case 505 -> "only HTTP/1.1 is spoken here";
                default -> null;
            };
        }
    }
}
