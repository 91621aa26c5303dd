package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guessing, flooding, and what is on the record of them. */
class RefusalsTest {

    private AgentStandIn agent;

    @BeforeEach
    void start() {
        agent = AgentStandIn.start();
        agent.load(runbook("a"));
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void guessingTokensIsSlowedDownAndARightGuessLooksLikeAWrongOne() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertProblem(post("guess-" + i), 401);
        }
        HttpResponse<String> locked = post("guess-6");
        assertProblem(locked, 429);
        assertThat(locked.headers().firstValue("Retry-After")).contains("1");
        HttpResponse<String> right = post(TOKEN.reveal());
        assertProblem(right, 429);
        assertThat(json(right).at("/detail")).isEqualTo(json(locked).at("/detail"));
        agent.clock.forward(Duration.ofSeconds(1));
        assertThat(post(TOKEN.reveal()).statusCode()).isEqualTo(202);
    }

    @Test
    void readingGoesOnForAnAddressThatIsLockedOut() {
        for (int i = 0; i < 8; i++) {
            assertThat(post("guess-" + i).statusCode()).isGreaterThan(400);
        }
        assertThat(agent.get("/v1/status").statusCode()).isEqualTo(200);
        assertThat(agent.get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void aRightTokenFromAnotherAddressIsNeverLockedOut() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertThat(from("127.0.0.2", "guess-" + i)).contains(i < 5 ? " 401 " : " 429 ");
        }
        assertThat(from("127.0.0.3", TOKEN.reveal())).startsWith("HTTP/1.1 202 ");
    }

    @Test
    void aTokenThatWasRightFromAnAddressGoesThroughWhileTheAddressIsLockedOut() {
        assertThat(post(TOKEN.reveal()).statusCode()).isEqualTo(202);
        for (int i = 0; i < 10; i++) {
            assertProblem(post("guess-" + i), i < 5 ? 401 : 429);
        }
        assertThat(post(TOKEN.reveal()).statusCode()).isEqualTo(202);
    }

    @Test
    void theSameWrongTokenAgainAndAgainLocksNobodyOut() {
        for (int i = 0; i < 20; i++) {
            assertProblem(post("revoked"), 401);
        }
        assertThat(post(TOKEN.reveal()).statusCode()).isEqualTo(202);
    }

    @Test
    void aRightTokenDoesNotLetAGuesserBeginAnew() {
        for (int i = 0; i < 5; i++) {
            assertProblem(post("guess-" + i), 401);
            if (i < 4) {
                assertThat(post(TOKEN.reveal()).statusCode()).isEqualTo(202);
            }
        }
        assertProblem(post("guess-6"), 429);
    }

    @Test
    void aClockThatIsSetBackLocksNobodyOutForLonger() {
        for (int i = 0; i < 6; i++) {
            assertProblem(post("guess-" + i), i < 5 ? 401 : 429);
        }
        agent.clock.setBack(Duration.ofHours(1));
        agent.clock.forward(Duration.ofMinutes(1));
        assertThat(post(TOKEN.reveal()).statusCode()).isEqualTo(202);
        assertProblem(post("guess-7"), 401);
        awaitRecord(() ->
                assertThat(agent.audited.get(agent.audited.size() - 1).action()).isEqualTo("access.refused"));
    }

    @Test
    void aClientThatAsksTooMuchIsToldWhenToComeBackAndProbesAreAnsweredNevertheless() {
        agent.close();
        agent = AgentStandIn.start(new AgentConfig.Http(
                new InetSocketAddress("127.0.0.1", 0),
                TOKEN,
                null,
                null,
                false,
                true,
                4_096,
                new AgentConfig.HttpBounds(8_192, 264, 1)));
        assertThat(agent.get("/v1/status").statusCode()).isEqualTo(200);
        assertThat(agent.get("/v1/status").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = agent.get("/v1/status");
        assertProblem(refused, 429);
        assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        for (int i = 0; i < 20; i++) {
            assertThat(agent.get("/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void everyChangeIsOnTheRecordBeforeItIsDone() {
        assertThat(agent.call(
                                "POST",
                                "/v1/runbooks/a/runs",
                                null,
                                "Authorization",
                                "Bearer " + TOKEN.reveal(),
                                "X-Request-Id",
                                "req-17")
                        .statusCode())
                .isEqualTo(202);
        AuditEvent event = agent.audited.get(0);
        assertThat(event.action()).isEqualTo("call.admitted");
        assertThat(event.actor()).isEqualTo("token");
        assertThat(event.from()).isEqualTo("127.0.0.1");
        assertThat(event.subject()).isEqualTo("POST /v1/runbooks/a/runs");
        assertThat(event.details()).containsEntry("requestId", "req-17");
        assertThat(agent.audited.toString()).doesNotContain(TOKEN.reveal());
    }

    @Test
    void whatCannotBeRecordedIsNotDone() {
        agent.auditFailure = new OperatorException("the store is full", "make room");
        assertProblem(agent.change("POST", "/v1/runbooks/a/runs", null), 503);
        assertThat(agent.started).isEmpty();
        assertProblem(post("wrong"), 401);
    }

    @Test
    void aRunIsCancelledAlsoWhenThatCannotBeRecorded() {
        String run = agent.begin(AgentStandIn.id(1), "a").runId();
        agent.auditFailure = new OperatorException("the store is full", "make room");
        assertThat(agent.change("DELETE", "/v1/runs/" + run, null).statusCode()).isEqualTo(202);
        assertThat(agent.cancelled).containsExactly(run);
    }

    @Test
    void signingInNeedsNoRecordAndFillsItWithOneAMinuteOnly() {
        for (int i = 0; i < 20; i++) {
            String spelling = i % 2 == 0 ? "/v1/session" : "/v1/session/";
            assertThat(agent.change("POST", spelling, null).statusCode()).isEqualTo(204);
        }
        awaitRecord(
                () -> assertThat(agent.audited).extracting(AuditEvent::subject).containsExactly("POST /v1/session"));
        agent.clock.forward(Duration.ofMinutes(1));
        assertThat(agent.change("POST", "/v1/session", null).statusCode()).isEqualTo(204);
        awaitRecord(() -> assertThat(agent.audited.get(1).details()).containsEntry("leftOutBefore", 19L));
        agent.clock.forward(Duration.ofMinutes(1));
        agent.auditFailure = new OperatorException("the store is full", "make room");
        assertThat(agent.change("POST", "/v1/session", null).statusCode()).isEqualTo(204);
    }

    @Test
    void whatLeadsNowhereIsNotOnTheRecord() {
        assertProblem(agent.change("POST", "/v1/nothing/here", null), 404);
        assertProblem(agent.change("DELETE", "/v1/status", null), 405);
        assertThat(agent.audited).isEmpty();
    }

    @Test
    void refusalsAreOnTheRecordButNobodyCanFillItWithThem() {
        for (int i = 0; i < 40; i++) {
            assertThat(post("guess-" + i).statusCode()).isGreaterThan(400);
        }
        awaitRecord(() -> assertThat(agent.audited)
                .extracting(AuditEvent::action)
                .containsExactlyInAnyOrder("access.refused", "access.locked", "access.refused"));
        assertThat(agent.audited).extracting(AuditEvent::result).containsOnly("refused");
        agent.clock.forward(Duration.ofMinutes(2));
        assertProblem(post("guess"), 401);
        awaitRecord(() ->
                assertThat(agent.audited.get(3).details().get("leftOutBefore")).isEqualTo(34L));
    }

    @Test
    void aRefusalForWantOfAScopeNamesWhoWasRefused() {
        HttpResponse<String> answer = agent.get("/v1/status", "X-Request-Id", "mine");
        assertThat(answer.headers().firstValue("X-Request-Id")).contains("mine");
        assertProblem(post("guess"), 401);
        awaitRecord(
                () -> assertThat(agent.audited).extracting(AuditEvent::actor).containsExactly("anybody"));
    }

    @Test
    @Timeout(60)
    void aRefusalAndSigningInWaitForNobodyWhileTheStoreIsLocked() {
        CountDownLatch held = new CountDownLatch(1);
        agent.auditHeld = held;
        try {
            for (int i = 0; i < 30; i++) {
                assertThat(post("guess-" + i).statusCode()).isIn(401, 429);
            }
            agent.clock.forward(Duration.ofMinutes(6));
            assertThat(agent.change("POST", "/v1/session", null).statusCode()).isEqualTo(204);
            assertThat(agent.audited).isEmpty();
        } finally {
            held.countDown();
        }
        awaitRecord(() -> assertThat(agent.audited)
                .extracting(AuditEvent::action)
                .containsExactly("access.refused", "access.locked", "access.refused", "call.admitted"));
    }

    /** Refusals are written by a thread of their own. */
    private static void awaitRecord(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(10)).ignoreExceptions().untilAsserted(assertion);
    }

    private HttpResponse<String> post(String token) {
        return agent.call("POST", "/v1/runbooks/a/runs", null, "Authorization", "Bearer " + token);
    }

    private String from(String address, String token) throws Exception {
        return agent.rawFrom(
                address,
                "POST /v1/runbooks/a/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\nAuthorization: Bearer "
                        + token + "\r\n\r\n");
    }
}
