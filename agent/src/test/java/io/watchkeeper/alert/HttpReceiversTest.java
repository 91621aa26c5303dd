package io.watchkeeper.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Alertmanager and webhooks, over real HTTP. */
class HttpReceiversTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Instant SINCE = Instant.parse("2026-03-01T02:00:00Z");
    private static final Alert PAGE = AlertDispatcherTest.alert("ship-sync", "page", "연결 끊김: cannot reach shore");
    private static final AlertNotice FIRING = new AlertNotice(PAGE, SINCE, null, SINCE.plusSeconds(28_800));
    private static final AlertNotice RESOLVED =
            new AlertNotice(PAGE, SINCE, SINCE.plusSeconds(60), SINCE.plusSeconds(28_800));

    private record Received(String method, String path, String authorization, String contentType, JsonNode body) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private volatile int answer = 200;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            received.add(new Received(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                    new ObjectMapper().readTree(exchange.getRequestBody())));
            byte[] body = "bad labels\nand more".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    @Test
    void alertmanagerGetsItsOwnFormat() throws Exception {
        new AlertmanagerReceiver(address(""), URI.create("http://ship-7:9763/"), TIMEOUT).tell(FIRING);

        Received request = received.get(0);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/api/v2/alerts");
        assertThat(request.contentType()).isEqualTo("application/json");
        assertThat(request.body()).isEqualTo(new ObjectMapper().readTree("""
                [{"labels": {"alertname": "watchkeeper_runbook_alert", "host": "ship-7", "runbook": "ship-sync",
                             "severity": "page"},
                  "annotations": {"summary": "연결 끊김: cannot reach shore"},
                  "startsAt": "2026-03-01T02:00:00Z", "endsAt": "2026-03-01T10:00:00Z",
                  "generatorURL": "http://ship-7:9763/"}]
                """));
    }

    @Test
    void alertmanagerHearsOfTheEnd() throws Exception {
        new AlertmanagerReceiver(address(""), null, TIMEOUT).tell(RESOLVED);

        assertThat(received.get(0).body().get(0).get("endsAt").asText()).isEqualTo("2026-03-01T02:01:00Z");
        assertThat(received.get(0).body().get(0).has("generatorURL")).isFalse();
    }

    @Test
    void alertmanagerBehindAPrefixKeepsIt() throws Exception {
        new AlertmanagerReceiver(address("/am/"), null, TIMEOUT).tell(FIRING);
        new AlertmanagerReceiver(address("/am"), null, TIMEOUT).tell(FIRING);

        assertThat(received).extracting(Received::path).containsExactly("/am/api/v2/alerts", "/am/api/v2/alerts");
    }

    @Test
    void labelsAreMadeFitForAlertmanager() throws Exception {
        Alert odd = new Alert("page", "x", Map.of("host", "h", "runbook", "r", "1st-table", "t", "empty", ""));

        new AlertmanagerReceiver(address(""), null, TIMEOUT).tell(new AlertNotice(odd, SINCE, null, SINCE));

        JsonNode labels = received.get(0).body().get(0).get("labels");
        assertThat(labels.get("_1st_table").asText()).isEqualTo("t");
        assertThat(labels.has("empty")).isFalse();
    }

    @Test
    void webhookGetsOneObjectWithItsToken() throws Exception {
        new WebhookReceiver(address("/hooks/dba"), Secret.of("hook-token-4711"), TIMEOUT).tell(RESOLVED);

        Received request = received.get(0);
        assertThat(request.path()).isEqualTo("/hooks/dba");
        assertThat(request.authorization()).isEqualTo("Bearer hook-token-4711");
        assertThat(request.body()).isEqualTo(new ObjectMapper().readTree("""
                {"status": "resolved", "severity": "page", "text": "연결 끊김: cannot reach shore",
                 "labels": {"host": "ship-7", "runbook": "ship-sync", "severity": "page"},
                 "startsAt": "2026-03-01T02:00:00Z", "endsAt": "2026-03-01T02:01:00Z"}
                """));
    }

    @Test
    void webhookWithoutTokenSendsNone() throws Exception {
        new WebhookReceiver(address("/"), null, TIMEOUT).tell(FIRING);

        assertThat(received.get(0).authorization()).isEqualTo("null");
        assertThat(received.get(0).body().get("status").asText()).isEqualTo("firing");
        assertThat(received.get(0).body().has("endsAt")).isFalse();
    }

    @Test
    void refusalIsAFailureThatSaysWhyButNotThePath() {
        answer = 400;

        assertThatThrownBy(() -> new WebhookReceiver(address("/hooks/T0/secret"), null, TIMEOUT).tell(FIRING))
                .isInstanceOf(AlertReceiver.DeliveryException.class)
                .hasMessage("127.0.0.1:" + server.getAddress().getPort() + " answered 400 bad labels");
    }

    @Test
    void nobodyListeningIsAFailure() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        URI nobody = URI.create("http://127.0.0.1:" + port);

        assertThatThrownBy(() -> new AlertmanagerReceiver(nobody, null, TIMEOUT).tell(FIRING))
                .isInstanceOf(AlertReceiver.DeliveryException.class)
                .hasMessage("127.0.0.1:" + port + " cannot be connected to");
    }

    @Test
    void serverThatNeverAnswersIsNotWaitedForForever() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            URI address = URI.create("http://127.0.0.1:" + silent.getLocalPort());

            assertThatThrownBy(() -> new WebhookReceiver(address, null, Duration.ofSeconds(1)).tell(FIRING))
                    .isInstanceOf(AlertReceiver.DeliveryException.class)
                    .hasMessageContaining("did not answer within 1 s");
        }
    }

    /** A link that breaks, or a proxy that stalls, between the beginning of an answer and its end. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void serverThatStallsWithinItsAnswerIsNotWaitedForForever() throws IOException {
        CountDownLatch given = new CountDownLatch(1);
        try (ServerSocket stalled = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            URI address = URI.create("http://127.0.0.1:" + stalled.getLocalPort());
            Thread half = new Thread(() -> {
                try (Socket answering = stalled.accept()) {
                    answering
                            .getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
                                    .getBytes(StandardCharsets.US_ASCII));
                    given.await();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            half.start();

            assertThatThrownBy(() -> new WebhookReceiver(address, null, Duration.ofSeconds(1)).tell(FIRING))
                    .isInstanceOf(AlertReceiver.DeliveryException.class)
                    .hasMessageContaining("did not answer within 1 s");
        } finally {
            given.countDown();
        }
    }

    private URI address(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }
}
