package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.AgentStandIn.settings;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.http.Context;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {

    private AgentStandIn agent = AgentStandIn.start();

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void readsWithoutATokenOnLoopback() {
        assertThat(agent.get("/v1/runs").statusCode()).isEqualTo(200);
        assertThat(agent.get("/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    void asksForTheTokenBeforeChangingAnything() {
        agent.load(runbook("a"));
        HttpResponse<String> answer = agent.call("POST", "/v1/runbooks/a/runs", null);
        assertProblem(answer, 401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"watchkeeper\"");
        assertThat(agent.started).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer wrong", "Bearer ", "Basic Y29ycmVjdA==", "correct-horse-battery-staple"})
    void refusesWrongTokens(String authorization) {
        agent.load(runbook("a"));
        HttpResponse<String> answer = agent.call("POST", "/v1/runbooks/a/runs", null, "Authorization", authorization);
        assertProblem(answer, 401);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).contains("invalid_token");
        assertThat(agent.started).isEmpty();
    }

    @Test
    void saysHowToGetATokenWhereNoneIsConfigured() throws Exception {
        restart("127.0.0.1", false, false);
        agent.load(runbook("a"));
        HttpResponse<String> answer = agent.change("POST", "/v1/runbooks/a/runs", null);
        assertProblem(answer, 403);
        assertThat(json(answer).at("/hint").asText()).contains("http.tokenFile", "token new NAME --scope run");
        assertThat(agent.started).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/runs", "/v1/runbooks", "/v1/status", "/metrics", "/health/ready", "/v1/events"})
    void asksForTheTokenToReadOffLoopback(String path) {
        restart("0.0.0.0", true, false);
        assertProblem(agent.get(path), 401);
    }

    @Test
    void readsWithTheTokenOffLoopback() {
        restart("0.0.0.0", true, false);
        assertThat(agent.change("GET", "/v1/runs", null).statusCode()).isEqualTo(200);
        assertThat(agent.change("GET", "/metrics", null).statusCode()).isEqualTo(200);
    }

    @Test
    void noSessionBeginsWithNeitherATokenNorACertificate() {
        Access access = new Access(
                settings("127.0.0.1", TOKEN, null, false),
                new OurNames(new InetSocketAddress("127.0.0.1", 0), "shore-1"),
                () -> Revocations.NONE,
                new CallRecord(event -> {}, System::nanoTime),
                Clock.systemUTC(),
                System::nanoTime);
        Context bare = (Context) Proxy.newProxyInstance(
                Context.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, arguments) -> null);

        assertThatThrownBy(() -> access.beginSession(bare))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("not one of this agent's any more");
    }

    /** Host, role, version, start and files are for those who may read. */
    @Test
    void refusesStrangersOnAPageThatSaysNothingAboutTheAgent() {
        restart("0.0.0.0", true, false);
        HttpResponse<String> foreign =
                agent.call("POST", "/", null, "Accept", "text/html", "Origin", "http://elsewhere.example");
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(foreign.body())
                .contains("<h1>")
                .doesNotContain("shore-1", "class=\"role\"", "0.1.0-test", "watchkeeper.yaml", "id=\"link\"");
        HttpResponse<String> known =
                agent.get("/nowhere", "Accept", "text/html", "Authorization", "Bearer " + TOKEN.reveal());
        assertThat(known.statusCode()).isEqualTo(404);
        assertThat(known.body()).contains("shore-1", "watchkeeper.yaml");
    }

    @Test
    void opensMetricsAloneWhenToldTo() {
        restart("0.0.0.0", true, true);
        assertThat(agent.get("/metrics").statusCode()).isEqualTo(200);
        assertProblem(agent.get("/v1/runs"), 401);
    }

    @Test
    void aPageSessionReadsButNeverChanges() {
        restart("0.0.0.0", true, false);
        agent.load(runbook("a"));
        assertProblem(agent.call("POST", "/v1/session", null), 401);
        HttpResponse<String> signedIn = agent.change("POST", "/v1/session", null);
        assertThat(signedIn.statusCode()).isEqualTo(204);
        String cookie = signedIn.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).contains("HttpOnly", "SameSite=Strict");
        String session = cookie.split(";", 2)[0];
        assertThat(agent.get("/v1/runs", "Cookie", session).statusCode()).isEqualTo(200);
        assertProblem(agent.get("/v1/runs", "Cookie", "watchkeeper_session=0000"), 401);
        assertProblem(agent.call("POST", "/v1/runbooks/a/runs", null, "Cookie", session), 401);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "127.0.0.1:9763, 200",
        "[::1]:9763, 200",
        "SHORE-1, 200",
        "evil.example, 403",
        "127.0.0.1.evil.example:9763, 403"
    })
    void answersOnlyToItsOwnNamesOnLoopback(String host, int status) throws Exception {
        String answer = agent.raw("GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void saysWhereItReallyListens() throws Exception {
        String answer = agent.raw("GET /v1/status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        assertThat(answer)
                .contains("Use http://127.0.0.1:" + agent.server.address().getPort() + "/ instead.");
    }

    @Test
    void refusesChangesAskedForByForeignPages() {
        agent.load(runbook("a"));
        String own = agent.server.address().toString();
        assertThat(agent.call(
                                "POST",
                                "/v1/runbooks/a/runs",
                                null,
                                "Authorization",
                                "Bearer " + TOKEN.reveal(),
                                "Origin",
                                own)
                        .statusCode())
                .isEqualTo(202);
        assertProblem(
                agent.call(
                        "POST",
                        "/v1/runbooks/a/runs",
                        null,
                        "Authorization",
                        "Bearer " + TOKEN.reveal(),
                        "Origin",
                        "http://evil.example"),
                403);
        assertProblem(
                agent.call(
                        "POST",
                        "/v1/runbooks/a/runs",
                        null,
                        "Authorization",
                        "Bearer " + TOKEN.reveal(),
                        "Origin",
                        "null"),
                403);
    }

    @Test
    void forbidsBrowsersWhatTheyNeedNot() {
        HttpResponse<String> answer = agent.get("/v1/status");
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'self'", "frame-ancestors 'none'");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(answer.headers().firstValue("Server")).isEmpty();
        assertThat(agent.get("/nothing").headers().firstValue("X-Frame-Options"))
                .contains("DENY");
    }

    private void restart(String host, boolean withToken, boolean openMetrics) {
        agent.close();
        agent = AgentStandIn.start(settings(host, withToken ? TOKEN : null, null, openMetrics));
    }
}
