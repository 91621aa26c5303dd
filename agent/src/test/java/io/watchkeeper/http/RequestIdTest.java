package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.json;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class RequestIdTest {

    private AgentStandIn agent;

    @BeforeEach
    void start() {
        agent = AgentStandIn.start();
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void everyAnswerHasOneOfItsOwn() {
        String first =
                agent.get("/v1/status").headers().firstValue("X-Request-Id").orElseThrow();
        String second =
                agent.get("/v1/status").headers().firstValue("X-Request-Id").orElseThrow();
        assertThat(first).isNotEqualTo(second).hasSizeGreaterThan(20);
    }

    @Test
    void theCallersOwnIsKeptAndStandsInErrors() throws Exception {
        HttpResponse<String> answer = agent.get("/nothing", "X-Request-Id", "ci-4711.2_b");
        assertThat(answer.headers().firstValue("X-Request-Id")).contains("ci-4711.2_b");
        assertThat(json(answer).at("/requestId").asText()).isEqualTo("ci-4711.2_b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"two words", "<script>", "-dash", "a;b", "\"q\"", "äö"})
    void aMalformedOneIsReplaced(String wished) {
        assertThat(RequestId.choose(wished)).isNotEqualTo(wished);
        assertThat(RequestId.choose("x".repeat(65))).hasSize(36);
    }

    @Test
    void linesOfTheLogHaveItAndOnlyThoseOfTheRequest() {
        agent.load(runbook("a"));
        Logger root = (Logger) LoggerFactory.getLogger(CallRecord.class);
        Level before = root.getLevel();
        root.setLevel(Level.INFO);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        root.addAppender(lines);
        try {
            List<String> answered = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answered.add(agent.change("POST", "/v1/runbooks/a/runs", null)
                        .headers()
                        .firstValue("X-Request-Id")
                        .orElseThrow());
            }
            List<String> logged = List.copyOf(lines.list).stream()
                    .filter(line -> line.getFormattedMessage().contains("POST /v1/runbooks/a/runs by token"))
                    .map(line -> line.getMDCPropertyMap().get("request"))
                    .toList();
            assertThat(logged).containsExactlyElementsOf(answered);
        } finally {
            root.detachAppender(lines);
            root.setLevel(before);
        }
    }

    @Test
    void aBrokenEscapeBehindASemicolonIsTheCallersFault() throws Exception {
        for (String path : new String[] {"/v1/runbooks/;a=b%", "/runbooks/;a=b%<script>", "/v1/runs/;%zz"}) {
            assertThat(agent.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void alsoARequestThatNeverGetsToARouteIsAnsweredWithOneAndWithoutNamesOfClasses() throws Exception {
        String answer = agent.raw("GET /%%%zz HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: raw-1\r\n\r\n");
        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .contains("X-Request-Id: ", "\"requestId\":", "X-Frame-Options: DENY");
        assertThat(answer.toLowerCase(java.util.Locale.ROOT)).doesNotContain("jetty", "javalin", "exception", "java.");
    }
}
