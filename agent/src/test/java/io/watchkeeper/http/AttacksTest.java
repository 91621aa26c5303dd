package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.runbook;
import static io.watchkeeper.http.RunbookRoutesTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.runbook.RunState;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody might try who has no good intentions. Guessing tokens is in {@link RefusalsTest}, TLS in {@link TlsAttacksTest}. */
class AttacksTest {

    private static final Duration PATIENCE = Duration.ofMillis(600);

    private static final long LONG_LOG = 4_000_000;

    private AgentStandIn agent;

    @BeforeEach
    void start() {
        agent = start(PATIENCE);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private static AgentStandIn start(Duration patience) {
        AgentConfig.Http settings = new AgentConfig.Http(
                new InetSocketAddress("127.0.0.1", 0),
                TOKEN,
                null,
                null,
                false,
                true,
                4_096,
                new AgentConfig.HttpBounds(8_192, 264, 1_000));
        AgentStandIn agent = AgentStandIn.start(
                settings,
                HttpClient.newHttpClient(),
                new HttpServer.Waits(Duration.ofSeconds(15), patience, Duration.ofSeconds(10)));
        agent.load(runbook("a"));
        return agent;
    }

    @Test
    void slowlorisHeadersThatNeverEndAreCut() throws Exception {
        assertThat(trickle("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n", "X-A: b\r\n"))
                .isLessThan(8_000);
    }

    @Test
    void slowlorisABodyThatNeverEndsIsCut() throws Exception {
        assertThat(trickle(put(4_000), "x")).isLessThan(8_000);
    }

    @Test
    void slowlorisConnectionsThatWaitQuietlyAreNotCutForIt() throws Exception {
        try (Socket idle = connect()) {
            String live = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
            send(idle, live);
            assertThat(firstLine(idle)).contains("200");
            // Three times as long as a trickle would be borne.
            assertThat(trickle(put(4_000), "x")).isPositive();
            assertThat(trickle(put(4_000), "x")).isPositive();
            assertThat(trickle(put(4_000), "x")).isPositive();
            send(idle, live);
            assertThat(firstLine(idle)).contains("200");
        }
    }

    @Test
    void slowBodiesThatHoldEveryPlaceLeaveHealthAnswering() throws Exception {
        agent.close();
        agent = start(Duration.ofSeconds(4));
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                Socket socket = connect();
                slow.add(socket);
                send(socket, put(4_000) + "x");
            }
            for (int i = 0; i < 20; i++) {
                long begin = System.nanoTime();
                assertThat(agent.get("/health/live").statusCode()).isEqualTo(200);
                assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin))
                        .isLessThan(2_000);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        assertThat(agent.get("/v1/status").statusCode()).isEqualTo(200);
    }

    /** More than the system holds of an answer, taken at some 20 KB a second by more clients than are answered at once. */
    @Test
    void slowReadersOfLongAnswersDoNotKeepOthersFromBeingAnswered() throws Exception {
        agent.close();
        agent = start(Duration.ofSeconds(2));
        String path = longLog();
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(4);
        ExecutorService clients = Executors.newCachedThreadPool();
        try {
            List<Future<Boolean>> readers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                readers.add(clients.submit(() -> takesAll(path, begun, over)));
            }
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            Future<Integer> other = clients.submit(() -> agent.get("/v1/status").statusCode());
            assertThat(other.get(60, TimeUnit.SECONDS)).isEqualTo(200);
            over.set(true);
            for (Future<Boolean> reader : readers) {
                assertThat(reader.get(30, TimeUnit.SECONDS)).isFalse();
            }
        } finally {
            over.set(true);
            clients.shutdownNow();
        }
    }

    @Test
    void aReaderOfALongAnswerThatIsFastEnoughIsNotCut() throws Exception {
        agent.close();
        agent = start(Duration.ofSeconds(2));
        try (Socket socket = connectNarrow()) {
            send(socket, get(longLog()));
            byte[] buffer = new byte[64 * 1024];
            long taken = 0;
            long begin = System.nanoTime();
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                taken += n;
                // 800 KB a second: some 5 seconds for all of it.
                long due = begin + taken * 1_000_000_000L / 800_000;
                LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
            }
            assertThat(taken).isGreaterThan(LONG_LOG);
        }
    }

    /** Slower than a thread would be kept waiting for. */
    @Test
    void aSlowLineGetsAllOfALongAnswer() throws Exception {
        agent.close();
        agent = start(Duration.ofSeconds(2));
        readsAll(800_000, 24 * 1024);
    }

    @Test
    @Tag("campaign")
    void aVerySlowLineGetsAllOfALongAnswer() throws Exception {
        agent.close();
        agent = start(Duration.ofSeconds(10));
        readsAll(1 << 20, 8 * 1024);
    }

    @Test
    void whoTakesNothingOfALongAnswerIsCutAndItsMemoryIsFree() throws Exception {
        try (Socket socket = connectNarrow()) {
            send(socket, get(longLog()));
            assertThat(socket.getInputStream().read()).isPositive();
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> agent.server.heldOfAnswers() > 1_000_000);
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> agent.server.heldOfAnswers() == 0);
            long left = 0;
            byte[] buffer = new byte[64 * 1024];
            try {
                for (int n = 0; n >= 0; n = socket.getInputStream().read(buffer)) {
                    left += n;
                }
            } catch (SocketException e) {
                // Cut.
            }
            assertThat(left).isLessThan(LONG_LOG);
        }
    }

    /** At so many bytes a second. */
    private void readsAll(long bytes, long rate) throws IOException {
        try (Socket socket = connectNarrow()) {
            send(socket, get(log(bytes)));
            byte[] buffer = new byte[4 * 1024];
            long taken = 0;
            long begin = System.nanoTime();
            for (int n = 0; n >= 0; n = socket.getInputStream().read(buffer)) {
                taken += n;
                LockSupport.parkNanos(Math.max(0, begin + taken * 1_000_000_000L / rate - System.nanoTime()));
            }
            assertThat(taken).isGreaterThan(bytes);
        }
    }

    private boolean takesAll(String path, CountDownLatch begun, AtomicBoolean over) throws IOException {
        try (Socket socket = connectNarrow()) {
            send(socket, get(path));
            byte[] buffer = new byte[1_024];
            long taken = 0;
            while (taken < LONG_LOG && !over.get()) {
                int n = socket.getInputStream().read(buffer);
                if (n < 0) {
                    break;
                }
                if (taken == 0) {
                    begun.countDown();
                }
                taken += n;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            return taken >= LONG_LOG;
        } catch (SocketTimeoutException | SocketException e) {
            // In line until it was over, or cut.
            return false;
        }
    }

    private String longLog() {
        return log(LONG_LOG);
    }

    private String log(long bytes) {
        String run = AgentStandIn.id(1);
        agent.past(AgentStandIn.run(run, "a", RunState.SUCCEEDED));
        List<LogLine> lines = new ArrayList<>();
        for (int i = 0; i < bytes / 1_000; i++) {
            lines.add(AgentStandIn.line("taken slowly ".repeat(80)));
        }
        agent.logs.put(run, lines);
        return "/v1/runs/" + run + "/log";
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    }

    /** A client whose system holds little of an answer. */
    private Socket connectNarrow() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 * 1024);
        socket.setSoTimeout(20_000);
        socket.connect(new InetSocketAddress("127.0.0.1", agent.server.port()));
        return socket;
    }

    @Test
    void whenAllConnectionsAreTakenIdleOnesMakeRoom() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 264; i++) {
                idle.add(connect());
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(15))
                    .untilAsserted(() ->
                            assertThat(agent.get("/v1/status").statusCode()).isEqualTo(200));
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void headerBombsAreRefused() throws Exception {
        String begin = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n";
        assertThat(agent.raw(begin + "X: " + "y".repeat(9_000) + "\r\n\r\n")).startsWith("HTTP/1.1 431 ");
        assertThat(agent.raw(begin + "X: y\r\n".repeat(5_000) + "\r\n")).startsWith("HTTP/1.1 431 ");
        assertThat(agent.raw("GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 414 ");
        assertThat(agent.get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void jsonBombsAreRefusedInPlainWords() {
        for (String bomb : List.of(
                "[".repeat(4_000),
                "{\"params\":".repeat(300),
                "{\"params\":{\"n\":" + "9".repeat(3_900) + "}}",
                "{\"params\":{\"n\":1e9999999999}}",
                "{\"params\":{\"a\":1,\"a\":2}}",
                "{\"params\":{\"" + "k".repeat(3_900) + "\":1}}",
                "{\"params\":{\"a\":\"" + "\\u0000".repeat(600) + "\"}}",
                "{\"params\":{}} {}")) {
            HttpResponse<String> answer = agent.change("POST", "/v1/runbooks/a/runs", bomb);
            assertProblem(answer, 400);
            assertThat(answer.body().toLowerCase(Locale.ROOT))
                    .doesNotContain("jackson", "streamread", "exception", "java", "parser");
        }
        assertThat(agent.started).isEmpty();
    }

    @Test
    void bodiesLargerThanTheCapAreRefusedHoweverTheyAreSent() throws Exception {
        assertProblem(agent.change("POST", "/v1/runbooks/a/runs", " ".repeat(5_000)), 413);
        String chunk = "1000\r\n" + " ".repeat(4_096) + "\r\n";
        String chunked =
                "POST /v1/runbooks/a/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                        + TOKEN.reveal() + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n";
        assertThat(agent.raw(chunked)).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void aRequestInsideAnotherIsNotServed() throws Exception {
        String inner = "POST /v1/runbooks/a/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN.reveal()
                + "\r\nContent-Length: 0\r\n\r\n";
        String both = agent.raw("GET /v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner);
        assertThat(both).startsWith("HTTP/1.1 400 ");
        String twoLengths =
                agent.raw("GET /v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: "
                        + inner.length() + "\r\n\r\n" + inner);
        assertThat(twoLengths).startsWith("HTTP/1.1 400 ");
        assertThat(agent.started).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/page/../../../../etc/passwd",
                "/page/..%2f..%2f..%2fetc%2fpasswd",
                "/page/%2e%2e/%2e%2e/etc/passwd",
                "/page/..;/..;/etc/passwd",
                "/page/%252e%252e%252fetc%252fpasswd",
                "/page//etc/passwd",
                "/page/watchkeeper.css%00.txt",
                "/v1/runs/..%2f..%2f..%2fetc%2fpasswd/report",
                "/v1/runs/../../../etc/passwd/report",
                "//etc/passwd",
                "/etc/passwd",
                "/page/..\\..\\etc\\passwd"
            })
    void pathTraversalLeadsNowhere(String path) throws Exception {
        String answer = agent.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("root:");
    }

    /** What is open must not be a way round to what is not, and a change not be reached without the scope it takes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/page/../v1/runs",
                "/page/%2e%2e/v1/runs",
                "/page/..;/v1/runs",
                "//v1/runs",
                "/v1/%72uns",
                "/./v1/runs",
                "/page/;/../v1/runs"
            })
    void noSpellingOfAPathGetsAroundTheToken(String path) throws Exception {
        agent.close();
        agent = AgentStandIn.start(AgentStandIn.settings("0.0.0.0", TOKEN, null, false));
        String answer = agent.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("[]");
    }

    @Test
    void dnsRebindingAForeignNameForThisHostIsNotAnswered() throws Exception {
        String answer = agent.raw("GET /v1/runs HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void csrfAForeignPageChangesNothingEvenWithTheToken() {
        for (String[] header : new String[][] {
            {"Origin", "https://attacker.example"},
            {"Origin", "null"},
            {"Sec-Fetch-Site", "cross-site"},
            {"Sec-Fetch-Site", "same-site"}
        }) {
            HttpResponse<String> answer = agent.call(
                    "POST",
                    "/v1/runbooks/a/runs",
                    null,
                    "Authorization",
                    "Bearer " + TOKEN.reveal(),
                    header[0],
                    header[1]);
            assertProblem(answer, 403);
        }
        assertThat(agent.started).isEmpty();
    }

    @Test
    void sessionCookieOpensNoChange() {
        HttpResponse<String> signedIn = agent.change("POST", "/v1/session", null);
        String cookie =
                signedIn.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
        for (String path :
                List.of("/v1/runbooks/a/runs", "/v1/meta/tenant", "/v1/meta/migrate", "/v1/runs/x/approvals")) {
            assertProblem(agent.call("POST", path, null, "Cookie", cookie), 401);
        }
        assertThat(agent.started).isEmpty();
    }

    @Test
    void pagesHoldNoInlineScriptAndForbidIt() {
        for (String path : List.of("/", "/runs", "/runbooks/a")) {
            HttpResponse<String> page = agent.get(path, "Accept", "text/html");
            assertThat(page.body())
                    .doesNotContainPattern("<script(?![^>]*src=)")
                    .doesNotContainPattern("\\son[a-z]+=");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                    .doesNotContain("unsafe-inline", "unsafe-eval");
            assertThat(page.headers().firstValue("Cross-Origin-Opener-Policy")).contains("same-origin");
            assertThat(page.headers().firstValue("Permissions-Policy").orElse(""))
                    .contains("camera=()");
        }
    }

    private static String put(int length) {
        return "PUT /v1/runbooks/a/paused HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN.reveal()
                + "\r\nContent-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
    }

    /** Sends the beginning and then bit after bit. @return milliseconds until the agent had enough */
    private long trickle(String begin, String bit) throws Exception {
        long started = System.nanoTime();
        try (Socket socket = connect()) {
            send(socket, begin);
            socket.setSoTimeout(100);
            while (TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started) < 20) {
                try {
                    send(socket, bit);
                    if (socket.getInputStream().read() < 0) {
                        break;
                    }
                } catch (java.net.SocketTimeoutException e) {
                    // Not cut yet: the next bit.
                } catch (SocketException e) {
                    break;
                }
            }
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", agent.server.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** The first line of an answer; the rest of what has come with it is dropped. */
    private static String firstLine(Socket socket) throws IOException {
        byte[] buffer = new byte[8_192];
        int n = socket.getInputStream().read(buffer);
        return n < 0
                ? ""
                : new String(buffer, 0, n, StandardCharsets.ISO_8859_1)
                        .lines()
                        .findFirst()
                        .orElse("");
    }
}
