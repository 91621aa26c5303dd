package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** {@code http.get(url)}. */
public final class HttpWords {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final int LONGEST_BODY = 1 << 20;

    private final Action action;

    HttpWords(Action action) {
        this.action = action;
    }

    /** The client's threads are made when the first runbook asks for something. */
    private static final class Client {
        static final HttpClient SHARED = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    @Word(
            value = "Reads the address. Every status is an answer; no answer is a failure of the step.",
            example = "http.get('http://127.0.0.1:8080/health').status()")
    public HttpAnswer get(@Checked(TextKind.URL) String url) {
        action.texts().require(TextKind.URL, url);
        if (action.dryRun()) {
            action.context().plan("http.get", url, List.of());
            return new HttpAnswer(0, "");
        }
        long start = System.nanoTime();
        HttpAnswer answer = ask(url);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("url", withoutUserInfo(url));
        fields.put("status", answer.status());
        fields.put("bytes", answer.body().getBytes(StandardCharsets.UTF_8).length);
        fields.put("durationMs", (System.nanoTime() - start) / 1_000_000);
        action.context().record(new VerbResult("http.get", fields));
        return answer;
    }

    private HttpAnswer ask(String url) {
        Work work = action.context().work();
        work.throwIfCancelled();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(ANSWER_TIMEOUT)
                .GET()
                .build();
        CompletableFuture<HttpAnswer> asked = Client.SHARED
                .sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
                .thenApplyAsync(HttpWords::read);
        Work.Registration cancellation = work.onCancel(() -> asked.cancel(true));
        try {
            return asked.get();
        } catch (CancellationException e) {
            work.throwIfCancelled();
            throw unanswered(url, e);
        } catch (ExecutionException e) {
            work.throwIfCancelled();
            throw unanswered(url, e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.throwIfCancelled();
            throw unanswered(url, e);
        } finally {
            cancellation.close();
        }
    }

    private static HttpAnswer read(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            return new HttpAnswer(
                    response.statusCode(), new String(body.readNBytes(LONGEST_BODY), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new OperatorException("the answer broke off: " + e.getMessage(), null, e);
        }
    }

    private static OperatorException unanswered(String url, Throwable cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new OperatorException(
                "no answer from " + withoutUserInfo(url) + ": " + why,
                "check that the address is right and reachable from this host.",
                cause);
    }

    private static String withoutUserInfo(String url) {
        return url.replaceFirst("//[^/@]*@", "//");
    }
}
