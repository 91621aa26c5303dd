package io.watchkeeper.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Talks to the agent running on this host, over the address and with the token of the configuration. */
final class AgentClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final @Nullable Secret token;
    private final HttpClient client;
    private final String base;

    /** With the token of the configuration. */
    AgentClient(AgentConfig.Http http) {
        this(http, http.token());
    }

    AgentClient(AgentConfig.Http http, @Nullable Secret token) {
        this.token = token;
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3));
        if (http.tls() != null) {
            builder.sslContext(trusting(http.tls()));
        }
        this.client = builder.build();
        this.base = (http.tls() == null ? "http://" : "https://") + reachable(http.listen());
    }

    String address() {
        return base;
    }

    static String encode(String pathPart) {
        return URLEncoder.encode(pathPart, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The answer's document; empty when no agent answers there. */
    Optional<JsonNode> get(String path) {
        return send("GET", path, null);
    }

    /** @throws OperatorException when no agent answers, or with the agent's own words when it refuses */
    JsonNode change(String method, String path, @Nullable String body) {
        return send(method, path, body)
                .orElseThrow(() -> new OperatorException(
                        "no agent answers at " + base,
                        "start it with 'systemctl start watchkeeper' or 'watchkeeper agent', and check http.listen."));
    }

    private Optional<JsonNode> send(String method, String path, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(30))
                .header("Accept", "application/json");
        if (token != null) {
            request.header("Authorization", "Bearer " + token.reveal());
        }
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return Optional.of(document(response));
        } catch (ConnectException | HttpConnectTimeoutException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new OperatorException(
                    "the agent at " + base + " did not answer properly: " + e.getMessage(), null, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperatorException("interrupted while waiting for " + base, null, e);
        }
    }

    private static JsonNode document(HttpResponse<String> response) throws JsonProcessingException {
        String type = response.headers().firstValue("Content-Type").orElse("");
        JsonNode document = type.contains("json") ? JSON.readTree(response.body()) : MissingNode.getInstance();
        if (response.statusCode() < 400) {
            return document;
        }
        String detail = document.path("detail").asText(document.path("title").asText(""));
        String message = detail.isEmpty() ? "the agent answered with status " + response.statusCode() : detail;
        String hint = document.hasNonNull("hint") ? document.get("hint").asText() : null;
        boolean isTheCallersFault = response.statusCode() == 400 || response.statusCode() == 404;
        throw isTheCallersFault ? new UsageException(message, hint) : new OperatorException(message, hint);
    }

    /** An agent that listens everywhere is reached on loopback. */
    private static String reachable(InetSocketAddress listen) {
        InetAddress address = listen.getAddress();
        String host = address == null || address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + listen.getPort();
    }

    /** The agent's own certificate is the one this host's configuration names, so it alone is trusted. */
    private static SSLContext trusting(AgentConfig.Tls tls) {
        try (InputStream in = Files.newInputStream(tls.certificate())) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int n = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("agent-" + n++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new OperatorException(
                    "the certificate " + tls.certificate() + " cannot be used: " + e.getMessage(),
                    "http.tls.certificate must be a PEM file that this user may read.",
                    e);
        }
    }
}
