package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code Idempotency-Key} of {@code POST /v1/meta/tenant}, asked of a real agent with a real database. */
class IdempotencyKeyTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ID = "key" + ProcessHandle.current().pid();

    @TempDir
    Path home;

    private final HttpClient client = HttpClient.newHttpClient();
    private TestHost host;
    private @Nullable Process agent;

    @BeforeEach
    void start() {
        host = new TestHost(home);
        host.writeConfig("meta: { database: shore }\n");
        host.onShore("create table notes (tenant_id text not null, note text); create index on notes (tenant_id)");
        spawn();
    }

    @AfterEach
    void end() throws InterruptedException {
        kill();
        for (String one : List.of(ID, ID + "x")) {
            host.onShore("do $$ begin if exists (select from pg_roles where rolname = 'tenant_" + one
                    + "') then execute 'drop owned by \"tenant_" + one + "\" cascade; drop role \"tenant_" + one
                    + "\"'; end if; end $$");
        }
    }

    private void spawn() {
        agent = host.spawn("agent");
        Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> {
            try {
                return client.send(
                                        HttpRequest.newBuilder(URI.create(host.address() + "/health/ready"))
                                                .build(),
                                        HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException e) {
                return false;
            }
        });
    }

    private void kill() throws InterruptedException {
        Process running = agent;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    private HttpRequest call(String key, String id, String plan) {
        return HttpRequest.newBuilder(URI.create(host.address() + "/v1/meta/tenant"))
                .header("Authorization", "Bearer " + TestHost.TOKEN)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"id\": \"" + id + "\", \"region\": \"kr\", \"plan\": \"" + plan + "\"}"))
                .build();
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String runId(HttpResponse<String> answer) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return JSON.readTree(answer.body()).path("runId").asText();
    }

    private void awaitEnd(String runId) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            JsonNode run = JSON.readTree(send(HttpRequest.newBuilder(URI.create(host.address() + "/v1/runs/" + runId))
                            .build())
                    .body());
            return run.path("state").asText().equals("succeeded");
        });
    }

    private String count(String sql) {
        return TestHost.ask(TestServers.shore(), host.shoreDatabase(), "select count(*) from " + sql);
    }

    @Test
    void aReplayGivesTheSameAnswerAndDoesNothingAgainAlsoAfterARestart() throws Exception {
        HttpResponse<String> first = send(call("k-1", ID, "large"));
        String run = runId(first);

        HttpResponse<String> whileItRuns = send(call("k-1", ID, "large"));
        awaitEnd(run);
        HttpResponse<String> afterwards = send(call("k-1", ID, "large"));
        kill();
        spawn();
        HttpResponse<String> afterARestart = send(call("k-1", ID, "large"));

        for (HttpResponse<String> replay : List.of(whileItRuns, afterwards, afterARestart)) {
            assertThat(replay.statusCode()).isEqualTo(202);
            assertThat(replay.body()).isEqualTo(first.body());
            assertThat(replay.headers().firstValue("Location"))
                    .isEqualTo(first.headers().firstValue("Location"));
        }
        for (HttpResponse<String> other :
                List.of(send(call("k-1", ID, "other")), send(call("k-1", ID + "x", "large")))) {
            assertThat(other.statusCode()).isEqualTo(422);
            assertThat(other.body()).contains("idempotency key 'k-1' was used for another");
        }
        assertThat(send(call("k-2", ID, "large")).statusCode())
                .as("another key for what is there")
                .isEqualTo(409);
        assertThat(count("public.tenants")).isEqualTo("1");
        assertThat(count("watchkeeper.tenant_requests")).isEqualTo("1");
        assertThat(count("watchkeeper.tenant_proofs")).isEqualTo("1");
    }

    @Test
    void theSameAtTheSameMomentIsOneRunAndOfTwoDifferentOnesOneIsRefused() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> same = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            same.add(client.sendAsync(call("k-1", ID, "large"), HttpResponse.BodyHandlers.ofString()));
        }
        List<String> runs = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> one : same) {
            runs.add(runId(one.join()));
        }
        assertThat(runs).containsOnly(runs.get(0));
        awaitEnd(runs.get(0));

        List<CompletableFuture<HttpResponse<String>>> different = new ArrayList<>();
        for (String plan : List.of("one", "two")) {
            different.add(client.sendAsync(call("k-2", ID + "x", plan), HttpResponse.BodyHandlers.ofString()));
        }
        List<Integer> statuses =
                different.stream().map(one -> one.join().statusCode()).sorted().toList();
        assertThat(statuses.get(0)).isEqualTo(202);
        assertThat(statuses.get(1)).isIn(409, 422);
        String run = runId(different.stream()
                .map(CompletableFuture::join)
                .filter(one -> one.statusCode() == 202)
                .findFirst()
                .orElseThrow());
        awaitEnd(run);
        assertThat(count("public.tenants")).isEqualTo("2");
    }
}
