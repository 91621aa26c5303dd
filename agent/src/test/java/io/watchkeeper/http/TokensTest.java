package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.Network;
import io.watchkeeper.access.Scope;
import io.watchkeeper.access.TokensFile;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.units.Secret;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TokensTest {

    @TempDir
    Path folder;

    private TokensFile file;
    private AgentStandIn agent;

    @BeforeEach
    void start() {
        file = new TokensFile(folder.resolve("tokens"));
        agent = AgentStandIn.start(settings("127.0.0.1", TOKEN, true));
        agent.load(runbook("a"));
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void aTokenMadeNowIsTakenAtOnceAndARevokedOneNoMore() {
        String text = make("ops", Set.of(Scope.RUN), null);
        assertThat(run(text).statusCode()).isEqualTo(202);
        assertThat(agent.started.get(0).by().name()).isEqualTo("token:ops");
        AccessToken revoked = file.revoke("ops");
        assertThat(revoked.name()).isEqualTo("ops");
        assertProblem(run(text), 401);
        assertThat(agent.started).hasSize(1);
    }

    @Test
    void theTokenOfTheConfigurationStaysGoodForEverything() {
        assertThat(run(TOKEN.reveal()).statusCode()).isEqualTo(202);
        assertThat(agent.started.get(0).by().name()).isEqualTo("token");
        assertThat(agent.call("POST", "/v1/meta/tenant", null, bearer(TOKEN.reveal()))
                        .statusCode())
                .isNotEqualTo(403);
    }

    @ParameterizedTest
    @EnumSource(Scope.class)
    void aTokenDoesWhatItsScopeSaysAndNothingElse(Scope scope) {
        String text = make(scope.word(), Set.of(scope), null);
        assertThat(agent.get("/v1/runs", bearer(text)).statusCode()).isEqualTo(200);
        assertScope(scope == Scope.RUN, agent.call("POST", "/v1/runbooks/a/runs", null, bearer(text)));
        assertScope(scope == Scope.RUN, agent.call("DELETE", "/v1/runs/x", null, bearer(text)));
        assertScope(scope == Scope.RUN, agent.call("POST", "/v1/meta/pitr", null, bearer(text)));
        assertScope(scope == Scope.RUN, agent.call("PUT", "/v1/anything", null, bearer(text)));
        assertScope(scope == Scope.ADMIN, agent.call("POST", "/v1/meta/tenant", null, bearer(text)));
        assertScope(scope == Scope.ADMIN, agent.call("POST", "/v1/meta/tenant/x/suspend", null, bearer(text)));
        assertScope(scope == Scope.ADMIN, agent.call("POST", "/v1/meta/migrate", null, bearer(text)));
        assertScope(scope == Scope.APPROVE, agent.call("POST", "/v1/runs/01J/approvals", null, bearer(text)));
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/meta/tenant/, ADMIN",
        "/v1/meta/migrate, ADMIN",
        "/v1/runs/x/approvals/, APPROVE",
        "/v1/session, READ",
        "/v1/meta/tenantx, RUN",
        "/v1/meta/pitr, RUN",
        "/anything/else, RUN"
    })
    void everyChangeHasAScope(String path, Scope scope) {
        assertThat(Access.scopeFor(path)).isEqualTo(scope);
    }

    @Test
    void anExpiredTokenIsRefusedAndToldSo() throws Exception {
        String text = make("old", Set.of(Scope.RUN), NOW.plusSeconds(60));
        assertThat(run(text).statusCode()).isEqualTo(202);
        agent.clock.forward(Duration.ofSeconds(60));
        HttpResponse<String> answer = run(text);
        assertProblem(answer, 401);
        assertThat(json(answer).at("/detail").asText()).contains("the token old has expired");
    }

    @Test
    void aTokenIsGoodInItsNetworksOnly() throws Exception {
        String far = make("far", Set.of(Scope.RUN), null, "10.0.0.0/8");
        String near = make("near", Set.of(Scope.RUN), null, "10.0.0.0/8", "127.0.0.0/8");
        assertProblem(run(far), 403);
        assertThat(run(near).statusCode()).isEqualTo(202);
    }

    @Test
    void aDamagedFileIsGoodForNoTokenAndOneMendedIsAgain() throws Exception {
        String text = make("ops", Set.of(Scope.RUN), null);
        assertThat(run(text).statusCode()).isEqualTo(202);
        String good = Files.readString(file.path());
        Files.writeString(file.path(), good + "{\"name\":\n");
        assertProblem(run(text), 401);
        assertThat(run(TOKEN.reveal()).statusCode()).isEqualTo(202);
        Files.writeString(file.path(), good);
        assertThat(run(text).statusCode()).isEqualTo(202);
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-r--r--"));
        assertProblem(run(text), 401);
    }

    @Test
    void aFileThatCannotBeReadIsTriedAgainAndLocksNobodyOutMeanwhile() throws Exception {
        String text = make("ops", Set.of(Scope.RUN), null);
        assertThat(run(text).statusCode()).isEqualTo(202);
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(file.path(), elsewhere);
        Files.createDirectory(file.path());
        for (int i = 0; i < 20; i++) {
            assertProblem(run(text + i), 401);
        }
        assertProblem(run(text), 401);
        Files.delete(file.path());
        Files.move(elsewhere, file.path());
        assertThat(run(text).statusCode()).isEqualTo(202);
    }

    /** A link that leads to itself cannot be read, and looks from outside as if nothing were there. */
    @Test
    void aFileThatCouldNotBeReadIsTriedAgainAfterASecondWithoutAChangeOfIt() throws Exception {
        MovableClock clock = new MovableClock(NOW);
        Files.createSymbolicLink(file.path(), file.path());
        Tokens tokens = new Tokens(settings("127.0.0.1", null, true), clock::nanos);
        assertThat(tokens.find("any")).isEmpty();
        assertThat(tokens.areUnreadable()).isTrue();
        Files.delete(file.path());
        assertThat(tokens.find("any")).isEmpty();
        assertThat(tokens.areUnreadable()).isTrue();
        clock.forward(Duration.ofSeconds(1));
        assertThat(tokens.find("any")).isEmpty();
        assertThat(tokens.areUnreadable()).isFalse();
    }

    @Test
    void theDigestFromTheFileIsNoToken() {
        String text = make("ops", Set.of(Scope.RUN), null);
        assertProblem(run(AccessToken.digest(text)), 401);
    }

    @Test
    void readingNeedsATokenWhereThatIsTurnedOff() {
        agent.close();
        agent = AgentStandIn.start(settings("127.0.0.1", null, false));
        String text = make("watcher", Set.of(Scope.READ), null);
        assertProblem(agent.get("/v1/runs"), 401);
        assertProblem(agent.get("/metrics"), 401);
        assertProblem(agent.get("/health/live"), 401);
        assertThat(agent.get("/page/watchkeeper.css").statusCode()).isEqualTo(200);
        assertThat(agent.get("/v1/runs", bearer(text)).statusCode()).isEqualTo(200);
    }

    @Test
    void aPageSessionEndsWithItsToken() {
        agent.close();
        agent = AgentStandIn.start(settings("0.0.0.0", null, true));
        String text = make("watcher", Set.of(Scope.READ), NOW.plus(Duration.ofHours(2)));
        String other = make("other", Set.of(Scope.READ), null);
        String session = signIn(text);
        String otherSession = signIn(other);
        assertThat(agent.get("/v1/runs", "Cookie", session).statusCode()).isEqualTo(200);
        agent.clock.forward(Duration.ofHours(2));
        assertProblem(agent.get("/v1/runs", "Cookie", session), 401);
        assertThat(agent.get("/v1/runs", "Cookie", otherSession).statusCode()).isEqualTo(200);
        AccessToken revoked = file.revoke("other");
        assertThat(revoked.name()).isEqualTo("other");
        assertProblem(agent.get("/v1/runs", "Cookie", otherSession), 401);
    }

    @Test
    void anEventStreamEndsWithItsToken() throws Exception {
        agent.close();
        agent = AgentStandIn.start(
                settings("127.0.0.1", null, false), HttpClient.newHttpClient(), Duration.ofMillis(100));
        agent.load(runbook("a"));
        String text = make("watcher", Set.of(Scope.READ), null);
        RunOutcome run = agent.begin(AgentStandIn.id(1), "a");
        HttpResponse<Stream<String>> stream = agent.client()
                .send(
                        agent.request("GET", "/v1/runs/" + run.runId() + "/events", null, bearer(text)),
                        HttpResponse.BodyHandlers.ofLines());
        assertThat(stream.statusCode()).isEqualTo(200);
        assertThat(file.revoke("watcher").name()).isEqualTo("watcher");
        CompletableFuture<List<String>> heard =
                CompletableFuture.supplyAsync(() -> stream.body().toList());
        assertThat(heard.get(15, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void anEventStreamEndsWithItsPageSession() throws Exception {
        agent.close();
        agent = AgentStandIn.start(settings("0.0.0.0", null, true), HttpClient.newHttpClient(), Duration.ofMillis(100));
        RunOutcome run = agent.begin(AgentStandIn.id(1), "a");
        String session = signIn(make("watcher", Set.of(Scope.READ), null));
        try (EventReader reader = new EventReader(agent, "/v1/runs/" + run.runId() + "/events", "Cookie", session)) {
            assertThat(reader.response().statusCode()).isEqualTo(200);
            agent.clock.forward(Duration.ofHours(13));
            reader.awaitEnd();
        }
        assertProblem(agent.get("/v1/runs", "Cookie", session), 401);
    }

    /** If one comparison ended the search, the first of 3,000 tokens would be found a thousand times faster than the last. */
    @Test
    void theTimeTakenDoesNotTellWhichTokenItWas() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            lines.append("{\"name\":\"t")
                    .append(i)
                    .append("\",\"sha256\":\"")
                    .append(AccessToken.digest("token-" + i))
                    .append("\",\"scopes\":[\"run\"]}\n");
        }
        Files.writeString(file.path(), lines);
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-------"));
        Tokens tokens = new Tokens(settings("127.0.0.1", null, true), System::nanoTime);
        long first = Long.MAX_VALUE;
        long last = Long.MAX_VALUE;
        long wrong = Long.MAX_VALUE;
        for (int i = 0; i < 60; i++) {
            first = Math.min(first, nanos(tokens, "token-0", true));
            last = Math.min(last, nanos(tokens, "token-2999", true));
            wrong = Math.min(wrong, nanos(tokens, "token-3000", false));
        }
        assertThat((double) last / first).isBetween(0.4, 2.5);
        assertThat((double) wrong / first).isBetween(0.4, 2.5);
    }

    private static long nanos(Tokens tokens, String text, boolean right) {
        long begin = System.nanoTime();
        boolean found = tokens.find(text).isPresent();
        long taken = System.nanoTime() - begin;
        assertThat(found).isEqualTo(right);
        return taken;
    }

    private void assertScope(boolean granted, HttpResponse<String> answer) {
        if (granted) {
            assertThat(answer.statusCode()).isNotIn(401, 403);
        } else {
            assertProblem(answer, 403);
            assertThat(answer.body()).contains("it takes the scope");
        }
    }

    private String signIn(String token) {
        HttpResponse<String> answer = agent.call("POST", "/v1/session", null, bearer(token));
        assertThat(answer.statusCode()).isEqualTo(204);
        return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
    }

    private HttpResponse<String> run(String token) {
        return agent.call("POST", "/v1/runbooks/a/runs", null, bearer(token));
    }

    private static String[] bearer(String token) {
        return new String[] {"Authorization", "Bearer " + token};
    }

    private String make(String name, Set<Scope> scopes, @Nullable Instant expires, String... networks) {
        String text = AccessToken.random();
        file.add(new AccessToken(
                name,
                AccessToken.digest(text),
                EnumSet.copyOf(scopes),
                NOW,
                expires,
                List.of(networks).stream()
                        .map(n -> Network.parse(n).orElseThrow())
                        .toList()));
        return text;
    }

    private AgentConfig.Http settings(String host, @Nullable Secret token, boolean readWithoutToken) {
        return new AgentConfig.Http(
                new InetSocketAddress(host, 0),
                token,
                file.path(),
                null,
                false,
                readWithoutToken,
                4_096,
                AgentConfig.HttpBounds.USUAL);
    }
}
