package io.watchkeeper.toolkit.failover;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks the REST API of one member of a Patroni cluster; only ever reads. */
final class PatroniClient {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int LONGEST = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String address;

    /**
     * What {@code GET /patroni} says of one member.
     *
     * @param systemIdentifier of its PostgreSQL; empty when that has never run
     * @param paused whether automatic failover is off
     */
    record Node(String scope, String name, String version, String role, String systemIdentifier, boolean paused) {}

    /** The client's threads are made when it is first used. */
    private static final class Client {
        static final HttpClient SHARED =
                HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    }

    /** @param address as {@code http://10.9.0.2:8008} */
    PatroniClient(String address) {
        this.address = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    }

    /** @throws OperatorException when there is no answer, or none that Patroni gives */
    Node node() {
        return node(get("/patroni"));
    }

    /** @throws OperatorException when there is no answer, or none that Patroni gives */
    List<FailoverMember> members() {
        return members(get("/cluster"));
    }

    /** The scope may be missing: before 4.0 only {@code /patroni} has it. */
    static Node node(String answer) {
        JsonNode json = read(answer);
        JsonNode patroni = json.path("patroni");
        if (!patroni.has("version")) {
            throw strange("/patroni");
        }
        return new Node(
                patroni.path("scope").asText(""),
                patroni.path("name").asText(""),
                patroni.path("version").asText(),
                json.path("role").asText(""),
                json.path("database_system_identifier").asText(""),
                json.path("pause").asBoolean(false));
    }

    static List<FailoverMember> members(String answer) {
        JsonNode members = read(answer).path("members");
        if (!members.isArray()) {
            throw strange("/cluster");
        }
        List<FailoverMember> all = new ArrayList<>();
        for (JsonNode one : members) {
            String role = one.path("role").asText("");
            String host = one.path("host").asText("");
            all.add(new FailoverMember(
                    one.path("name").asText(""),
                    // A standby cluster's leader is a standby itself: nobody there takes writes.
                    role.equals("leader"),
                    role,
                    one.path("state").asText(""),
                    host.isEmpty() ? "" : host + ":" + one.path("port").asInt(),
                    lag(one)));
        }
        return all;
    }

    /** Patroni writes {@code "unknown"} for a member that it does not reach. */
    private static @Nullable Long lag(JsonNode member) {
        JsonNode lag = member.has("replay_lag") ? member.path("replay_lag") : member.path("lag");
        return lag.isIntegralNumber() ? lag.asLong() : null;
    }

    private static JsonNode read(String answer) {
        try {
            return JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new OperatorException(
                    "the answer is no JSON", "name the REST API of Patroni, usually on port 8008.", e);
        }
    }

    private static OperatorException strange(String path) {
        return new OperatorException(
                "the answer to " + path + " is not Patroni's", "name the REST API of Patroni, usually on port 8008.");
    }

    /** Whatever the status: a member that is not the leader answers 503 to some paths, with the same document. */
    private String get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(PATIENCE)
                .header("Accept", "application/json")
                .GET()
                .build();
        try {
            HttpResponse<InputStream> response = Client.SHARED.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                return new String(body.readNBytes(LONGEST), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new OperatorException(
                    "no answer from " + address + path + ": " + why,
                    "check the address, and that Patroni runs there and this host may reach it.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperatorException("interrupted while asking " + address + path, null, e);
        }
    }
}
