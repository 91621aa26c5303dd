package io.watchkeeper.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Posts JSON to one address and insists on an answer of 2xx. */
final class JsonPoster {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final int LONGEST_ANSWER = 200;

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
                    .timeout(timeout)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
            if (token != null) {
                request.header("Authorization", "Bearer " + token.reveal());
            }
            HttpResponse<String> answer =
                    Client.SHARED.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (answer.statusCode() / 100 != 2) {
                throw failure("answered " + answer.statusCode() + " " + firstLine(answer.body()));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (HttpTimeoutException e) {
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
