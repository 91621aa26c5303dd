package io.watchkeeper.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.units.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Posts JSON to one address and insists on an answer of 2xx. */
final class JsonPoster {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final int LONGEST_ANSWER = 200;
    private static final int MOST_READ = 4 * LONGEST_ANSWER;

    private final URI address;
    private final @Nullable Secret token;
    private final Duration timeout;

    /** @param timeout for the whole exchange */
    JsonPoster(URI address, @Nullable Secret token, Duration timeout) {
        this.address = address;
        this.token = token;
        this.timeout = timeout;
    }

    void post(Object body) throws AlertReceiver.DeliveryException {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
            if (token != null) {
                request.header("Authorization", "Bearer " + token.reveal());
            }
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            int status = exchange(request.build(), said).statusCode();
            if (status / 100 != 2) {
                throw failure("answered " + status + " " + firstLine(said.toString(StandardCharsets.UTF_8)));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (TimeoutException | HttpTimeoutException e) {
            throw failure("did not answer within " + timeout.toSeconds() + " s");
        } catch (ConnectException e) {
            throw failure("cannot be connected to");
        } catch (IOException e) {
            throw failure("cannot be talked to: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was not waited for: the agent is stopping");
        }
    }

    /**
     * Waits for the whole answer: the timeout of a request ends with the headers, and a link that breaks after them would be waited for
     * for ever.
     *
     * @param beginning gets as much of the answer's body as may be told
     */
    private HttpResponse<Void> exchange(HttpRequest request, ByteArrayOutputStream beginning)
            throws IOException, InterruptedException, TimeoutException {
        CompletableFuture<HttpResponse<Void>> answer = Client.SHARED.sendAsync(
                request,
                HttpResponse.BodyHandlers.ofByteArrayConsumer(part -> part.ifPresent(
                        bytes -> beginning.write(bytes, 0, Math.min(bytes.length, MOST_READ - beginning.size())))));
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            // Closes the connection of an answer that is not waited for.
            answer.cancel(true);
        }
    }

    /** Only the host is named: the paths of webhooks are secrets themselves with some providers. */
    private AlertReceiver.DeliveryException failure(String what) {
        return new AlertReceiver.DeliveryException(
                (address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort()) + " " + what).strip());
    }

    private static String firstLine(String body) {
        String line = body.strip().lines().findFirst().orElse("");
        return line.length() > LONGEST_ANSWER ? line.substring(0, LONGEST_ANSWER) + " …" : line;
    }

    /** One for all receivers, made when the first alert is sent: it has a thread of its own. */
    private static final class Client {
        static final HttpClient SHARED = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }
}
