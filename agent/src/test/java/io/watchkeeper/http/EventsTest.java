package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.id;
import static io.watchkeeper.http.AgentStandIn.line;
import static io.watchkeeper.http.AgentStandIn.run;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.VerbResult;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class EventsTest {

    private final AgentStandIn agent = AgentStandIn.start(
            AgentStandIn.settings("127.0.0.1", AgentStandIn.TOKEN, null, false),
            HttpClient.newHttpClient(),
            Duration.ofMillis(300));

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void replaysWhatHasHappenedThenGoesOnLiveUntilTheEnd() throws Exception {
        agent.begin(id(1), "a");
        agent.live.stepStarted(id(1), 0, "merge");
        agent.live.logged(id(1), line("before"));
        try (EventReader reader = new EventReader(agent, "/v1/runs/" + id(1) + "/events")) {
            await().untilAsserted(() ->
                    assertThat(reader.names()).containsExactly("runAccepted", "runStarted", "stepStarted", "log"));
            agent.live.verbFinished(id(1), 0, new VerbResult("copyTable", Map.of("rowsWritten", 12)));
            agent.live.logged(id(1), line("after"));
            agent.live.stepFinished(
                    id(1), new StepOutcome(0, "merge", RunState.SUCCEEDED, Duration.ofSeconds(1), 1, List.of(), null));
            agent.finish(id(1), "a", RunState.SUCCEEDED);
            reader.awaitEnd();
            assertThat(reader.names())
                    .containsExactly(
                            "runAccepted",
                            "runStarted",
                            "stepStarted",
                            "log",
                            "verbFinished",
                            "log",
                            "stepFinished",
                            "runFinished");
            assertThat(reader.data().get(7)).contains("\"state\":\"succeeded\"");
            assertThat(reader.response().headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        }
    }

    @Test
    void goesOnAfterTheLastEventSeen() throws Exception {
        agent.begin(id(1), "a");
        agent.live.logged(id(1), line("one"));
        agent.live.logged(id(1), line("two"));
        agent.finish(id(1), "a", RunState.SUCCEEDED);
        try (EventReader reader = new EventReader(agent, "/v1/runs/" + id(1) + "/events", "Last-Event-ID", "3")) {
            reader.awaitEnd();
            assertThat(reader.names()).containsExactly("log", "runFinished");
            assertThat(reader.data().get(0)).contains("two");
        }
    }

    @Test
    void retellsARunFromTheStore() throws Exception {
        agent.past(run(id(1), "a", RunState.FAILED));
        agent.logs.put(id(1), List.of(line("long ago")));
        try (EventReader reader = new EventReader(agent, "/v1/runs/" + id(1) + "/events")) {
            reader.awaitEnd();
            assertThat(reader.names()).containsExactly("runStarted", "log", "runFinished");
        }
    }

    /** Where it was live, progress counted, too; the store knows none. */
    @Test
    void tellsTheWholeStoryToAClientThatFollowedItWhileItWasLive() throws Exception {
        agent.past(run(id(1), "a", RunState.FAILED));
        agent.logs.put(id(1), List.of(line("long ago")));
        assertThat(told("3000").names()).containsExactly("runStarted", "log", "runFinished");
    }

    @Test
    void leavesNothingOutOfARunOfAnotherProcessToWhomeverComesBack() throws Exception {
        RunOutcome running = run(id(1), "a", RunState.RUNNING);
        StepOutcome first = new StepOutcome(0, "merge", RunState.SUCCEEDED, Duration.ofSeconds(1), 1, List.of(), null);
        StepOutcome second = new StepOutcome(1, "check", RunState.RUNNING, Duration.ZERO, 1, List.of(), null);
        agent.past(with(running, first, second));
        agent.logs.put(id(1), List.of(line("one")));
        EventReader before = told(null);
        assertThat(before.names()).containsExactly("runStarted", "log", "stepFinished");
        agent.logs.put(id(1), List.of(line("one"), line("two"), line("three")));
        EventReader between = told(last(before));
        assertThat(between.names()).containsExactly("log", "log");
        assertThat(between.data().get(0)).contains("two");
        agent.past(with(run(id(1), "a", RunState.SUCCEEDED), first, first));
        EventReader after = told(last(between));
        assertThat(after.names()).containsExactly("stepFinished", "runFinished");
        assertThat(told(last(after)).names()).isEmpty();
    }

    private EventReader told(@Nullable String lastSeen) throws Exception {
        String path = "/v1/runs/" + id(1) + "/events";
        try (EventReader reader = lastSeen == null
                ? new EventReader(agent, path)
                : new EventReader(agent, path, "Last-Event-ID", lastSeen)) {
            reader.awaitEnd();
            return reader;
        }
    }

    private static String last(EventReader reader) {
        return reader.ids().get(reader.ids().size() - 1);
    }

    private static RunOutcome with(RunOutcome run, StepOutcome... steps) {
        return new RunOutcome(
                run.runId(),
                run.runbook(),
                run.host(),
                run.state(),
                run.startedAt(),
                run.duration(),
                run.dryRun(),
                run.trigger(),
                run.params(),
                List.of(steps),
                run.error());
    }

    @Test
    void holdsItsLimitOfStreamsAndGivesAPlaceAwayAgainAtOnce() throws Exception {
        List<EventReader> open = new ArrayList<>();
        agent.begin(id(1), "a");
        try {
            for (int i = 0; i < 63; i++) {
                open.add(new EventReader(agent, "/v1/runs/" + id(1) + "/events"));
            }
            assertThat(open)
                    .allSatisfy(
                            reader -> assertThat(reader.response().statusCode()).isEqualTo(200));
            for (int i = 2; i < 60; i++) {
                agent.begin(id(i), "a");
                try (EventReader last = new EventReader(agent, "/v1/runs/" + id(i) + "/events")) {
                    assertThat(last.response().statusCode()).isEqualTo(200);
                    assertThat(agent.get("/v1/events").statusCode()).isEqualTo(503);
                    agent.finish(id(i), "a", RunState.SUCCEEDED);
                    last.awaitEnd();
                }
            }
        } finally {
            open.forEach(EventReader::close);
        }
    }

    @Test
    void toldOnlyTheNewestProgressWhenComingLate() throws Exception {
        agent.begin(id(1), "a");
        agent.live.progressed(id(1), 0, new Progress("public.t", "load", 100, 1_000, 1));
        agent.live.progressed(id(1), 0, new Progress("public.t", "load", 1_000, 1_000, 10));
        try (EventReader reader = new EventReader(agent, "/v1/runs/" + id(1) + "/events")) {
            await().untilAsserted(() -> assertThat(reader.names()).contains("progress"));
            assertThat(reader.names()).containsOnlyOnce("progress");
            assertThat(reader.data().get(2)).contains("\"percent\":100");
        }
    }

    @Test
    void tablesCopiedAtOnceStandSideBySideUntilTheyAreFinished() throws Exception {
        agent.begin(id(1), "a");
        try (EventReader reader = new EventReader(agent, "/v1/runs/" + id(1) + "/events")) {
            agent.live.progressed(id(1), 0, new Progress("public.a", "load", 100, 1_000, 1));
            agent.live.progressed(id(1), 0, new Progress("public.b", "load", 200, 1_000, 2));
            assertThat(agent.live.progress(id(1)))
                    .extracting(p -> p.get("subject"))
                    .containsExactly("public.a", "public.b");
            agent.live.progressed(id(1), 0, Progress.finished("public.a"));

            assertThat(agent.live.progress(id(1)))
                    .extracting(p -> p.get("subject"))
                    .containsExactly("public.b");
            await().untilAsserted(() -> assertThat(reader.data())
                    .anyMatch(data -> data.contains("\"subject\":\"public.a\",\"finished\":true")));
        }
        try (EventReader late = new EventReader(agent, "/v1/runs/" + id(1) + "/events")) {
            await().untilAsserted(() -> assertThat(late.names()).containsOnlyOnce("progress"));
            assertThat(late.data()).anyMatch(data -> data.contains("public.b"));
        }
    }

    @Test
    void breaksTheSilenceSoThatADeadConnectionIsNoticed() throws Exception {
        agent.begin(id(1), "a");
        try (EventReader reader = new EventReader(agent, "/v1/runs/" + id(1) + "/events")) {
            await().untilAsserted(() -> assertThat(reader.lines()).contains(":"));
        }
    }

    @Test
    void tellsThePageWhatChanges() throws Exception {
        try (EventReader reader = new EventReader(agent, "/v1/events")) {
            await().untilAsserted(() -> assertThat(reader.lines()).isNotEmpty());
            agent.load(runbook("a"), runbook("b"));
            agent.begin(id(1), "a");
            agent.live.logged(id(1), line("not for everybody"));
            agent.change("PUT", "/v1/runbooks/a/paused", "true");
            agent.finish(id(1), "a", RunState.FAILED);
            await().untilAsserted(() -> assertThat(reader.names())
                    .containsExactly("runbooks", "runAccepted", "runStarted", "paused", "runFinished"));
            assertThat(reader.data().get(0)).contains("\"runbooks\":2");
            assertThat(String.join("", reader.data())).doesNotContain("not for everybody");
        }
    }

    @Test
    void endsItsStreamsWhenTheAgentStops() throws Exception {
        try (EventReader reader = new EventReader(agent, "/v1/events")) {
            await().untilAsserted(() -> assertThat(reader.lines()).isNotEmpty());
            agent.close();
            reader.awaitEnd();
        }
    }

    /** A request that is over must not be answered any more: Javalin tries that for ever, at all the CPU there is. */
    @Test
    void noThreadGoesOnWhenAClientHasGoneInTheMiddle() throws Exception {
        agent.begin(id(1), "a");
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(listening("/v1/runs/" + id(1) + "/events"));
        }
        for (Socket client : clients) {
            client.setSoLinger(true, 0);
            client.close();
        }

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(streaming()).isEmpty());
    }

    @RepeatedTest(20)
    void noThreadGoesOnWhenTheAgentStopsInTheMiddle() throws Exception {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(listening("/v1/events"));
        }

        agent.close();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(streaming()).isEmpty());
        for (Socket client : clients) {
            client.close();
        }
    }

    /** A client that has read the beginning of the answer. */
    private Socket listening(String path) throws Exception {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), agent.server.port());
        client.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        StringBuilder read = new StringBuilder();
        while (read.indexOf("retry:") < 0) {
            read.append((char) client.getInputStream().read());
        }
        return client;
    }

    /** Threads that are in the middle of a stream; idle ones of the pool are not. */
    private static List<String> streaming() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith("http-events-"))
                .filter(thread -> Stream.of(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().startsWith("io.")))
                .map(thread -> thread.getKey().getName() + " " + List.of(thread.getValue()))
                .toList();
    }

    @Test
    void dropsAClientThatFallsBehindInsteadOfWaitingForIt() throws Exception {
        EventQueue slow = new EventQueue(3);
        for (int i = 1; i <= 4; i++) {
            slow.offer(new LiveEvent(i, "log", Map.of()));
        }
        assertThat(slow.isOver()).isTrue();
        assertThat(slow.poll(Duration.ZERO)).isEmpty();
    }

    @Test
    void keepsTheNewestOfAVeryLongStory() {
        LiveRun run = new LiveRun(id(1));
        for (int i = 1; i <= LiveRun.MOST_EVENTS + 10; i++) {
            run.log(line("line " + i), Map.of());
        }
        assertThat(run.log()).hasSize(LiveRun.MOST_EVENTS);
        assertThat(run.isLogCut()).isTrue();
        assertThat(run.follow(0).isOver()).isFalse();
    }
}
