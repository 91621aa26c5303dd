package io.watchkeeper.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.watchkeeper.Daemon;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.metrics.MadeUpMetrics;
import io.watchkeeper.metrics.ShownMetrics;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.testing.PrometheusPrograms;
import io.watchkeeper.testing.TestHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** From a runbook that fails to somebody's webhook and back: agent, Prometheus and Alertmanager with the files that are shipped. */
@ExtendWith(PrometheusPrograms.class)
class AlertDeliveryTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RUNBOOK =
            "runbook('nightly') { step('count') { query 'shore', 'select * from wanted' } }\n";

    @TempDir
    Path home;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Queue<JsonNode> delivered = new ConcurrentLinkedQueue<>();
    private final List<Process> programs = new ArrayList<>();
    private final int prometheus = LocalServer.freePort();
    private final int alertmanager = LocalServer.freePort();
    private TestHost host;
    private Daemon daemon;
    private HttpServer webhook;

    @BeforeEach
    void startEverything() throws Exception {
        host = new TestHost(home.resolve("host"));
        host.runbook("nightly.groovy", RUNBOOK);
        daemon = Daemon.start(
                new ConfigLoader(Map.of()).load(host.config()).config().orElseThrow(),
                Clock.systemDefaultZone(),
                Map.of());
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext("/", exchange -> {
            JSON.readTree(exchange.getRequestBody()).path("alerts").forEach(delivered::add);
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        webhook.start();
        startAlertmanager();
        startPrometheus();
    }

    @AfterEach
    void stopEverything() throws InterruptedException {
        for (Process program : programs) {
            program.destroyForcibly().waitFor();
        }
        if (webhook != null) {
            webhook.stop(0);
        }
        if (daemon != null) {
            daemon.stop();
        }
    }

    @Test
    void aFailureIsToldOfAndItsEndToo() throws Exception {
        soon().untilAsserted(() -> assertThat(asked("up{host=\"shore-1\"}")).isEqualTo("1"));
        assertThat(delivered).isEmpty();

        host.call("trigger", "nightly");

        soon().untilAsserted(() -> assertThat(told("WatchkeeperRunFailed", "firing"))
                .hasSizeGreaterThanOrEqualTo(1)
                .first()
                .satisfies(alert -> {
                    assertThat(alert.at("/labels/runbook").asText()).isEqualTo("nightly");
                    assertThat(alert.at("/labels/ship").asText()).isEqualTo("shore");
                    assertThat(alert.at("/labels/severity").asText()).isEqualTo("warning");
                    assertThat(alert.at("/annotations/summary").asText())
                            .isEqualTo("Runbook nightly failed on shore-1");
                    assertThat(alert.at("/annotations/runbook_url").asText())
                            .isEqualTo("docs/alerts.md#watchkeeperrunfailed");
                }));
        assertThat(told("WatchkeeperRunFailed", "resolved")).isEmpty();

        host.onShore("create table wanted (n int)");
        host.call("trigger", "nightly");

        soon().untilAsserted(() ->
                assertThat(told("WatchkeeperRunFailed", "resolved")).hasSize(1));
        // Nothing else was wrong, of all that the rules look at.
        assertThat(delivered)
                .allSatisfy(alert ->
                        assertThat(alert.at("/labels/alertname").asText()).isEqualTo("WatchkeeperRunFailed"));
        everyRuleIsWellAndEveryMetricKnown();
        whatAHostSaidLastIsNoNewsWhileItsAgentIsDown();
    }

    private void everyRuleIsWellAndEveryMetricKnown() throws Exception {
        JsonNode groups = get(prometheus, "/api/v1/rules").at("/data/groups");
        int rules = 0;
        for (JsonNode group : groups) {
            for (JsonNode rule : group.path("rules")) {
                assertThat(rule.path("health").asText()).as(rule.toString()).isEqualTo("ok");
                rules++;
            }
        }
        assertThat(rules)
                .isEqualTo(MonitoringFiles.alerts().size()
                        + MonitoringFiles.records().size());
        String page = http.send(
                        HttpRequest.newBuilder(URI.create(host.address() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        ShownMetrics known = MadeUpMetrics.shown(Files.createDirectory(home.resolve("made-up")));
        assertThat(known.families().keySet())
                .containsAll(ShownMetrics.parse(page).families().keySet());
    }

    private void whatAHostSaidLastIsNoNewsWhileItsAgentIsDown() throws Exception {
        raise("""
                [{"labels": {"alertname": "WatchkeeperAgentDown", "severity": "page", "ship": "ship-7", "host": "ship-7"}}]""");
        // Alertmanager holds nothing back for what it has not taken in yet, and groups wait for nobody here.
        soon().untilAsserted(
                        () -> assertThat(told("WatchkeeperAgentDown", "firing")).hasSize(1));
        raise("""
                [{"labels": {"alertname": "WatchkeeperSlotUnread", "severity": "warning", "ship": "ship-7", "host": "ship-7"}},
                 {"labels": {"alertname": "WatchkeeperSlotUnread", "severity": "warning", "ship": "shore", "host": "shore-2"}}]""");

        soon().untilAsserted(() -> {
            assertThat(told("WatchkeeperSlotUnread", "firing"))
                    .hasSize(1)
                    .allMatch(alert -> alert.at("/labels/host").asText().equals("shore-2"));
            for (JsonNode alert : get(alertmanager, "/api/v2/alerts?filter=alertname%3D%22WatchkeeperSlotUnread%22")) {
                assertThat(alert.at("/status/state").asText())
                        .isEqualTo(alert.at("/labels/host").asText().equals("ship-7") ? "suppressed" : "active");
            }
        });
    }

    private void raise(String alerts) throws Exception {
        assertThat(http.send(
                                HttpRequest.newBuilder(at(alertmanager, "/api/v2/alerts"))
                                        .header("Content-Type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.ofString(alerts))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    /** The shipped example, faster, and with receivers of ours. */
    private void startAlertmanager() throws IOException {
        Path token = Files.writeString(home.resolve("on-call.token"), "token");
        Path config = Files.writeString(
                home.resolve("alertmanager.yml"),
                MonitoringFiles.read(MonitoringFiles.FOLDER.resolve("alertmanager.yml"))
                        .replaceAll("group_wait: \\w+", "group_wait: 0s")
                        .replaceAll("group_interval: \\w+", "group_interval: 1s")
                        .replaceAll(
                                "url: https://\\S+",
                                "url: http://127.0.0.1:" + webhook.getAddress().getPort() + "/")
                        .replace("/etc/prometheus/on-call.token", token.toString()));
        start(
                "prometheus-alertmanager",
                "--config.file=" + config,
                "--storage.path=" + home.resolve("alertmanager"),
                "--web.listen-address=127.0.0.1:" + alertmanager,
                "--cluster.listen-address=");
        awaitReady(alertmanager);
    }

    /** The shipped example, faster, without TLS, and with this agent in the place of the first of the example's. */
    private void startPrometheus() throws IOException {
        Path token = Files.writeString(home.resolve("watchkeeper.token"), TestHost.TOKEN);
        Path config = Files.writeString(
                home.resolve("prometheus.yml"),
                MonitoringFiles.read(MonitoringFiles.FOLDER.resolve("prometheus.yml"))
                        .replaceAll("evaluation_interval: \\w+", "evaluation_interval: 1s")
                        // A scrape that comes too late on a busy machine would end the alert.
                        .replaceAll("(scrape_interval|scrape_timeout): \\w+", "$1: 3s")
                        .replaceAll("(?m)^    tls_config:\n(      .*\n)+", "")
                        .replace("scheme: https", "scheme: http")
                        .replace("/etc/prometheus/watchkeeper.token", token.toString())
                        .replace("127.0.0.1:9093", "127.0.0.1:" + alertmanager)
                        .replace("shore-1.example.org:9763", "127.0.0.1:" + host.port())
                        .replaceAll("[\\w-]+\\.example\\.org:9763", "127.0.0.1:1")
                        .replace(
                                "rules/watchkeeper-*.yml",
                                MonitoringFiles.FOLDER.resolve("rules") + "/watchkeeper-*.yml"));
        start(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + home.resolve("prometheus"),
                "--web.listen-address=127.0.0.1:" + prometheus);
        awaitReady(prometheus);
    }

    private void start(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(PrometheusPrograms.path(program).toString());
        command.addAll(List.of(arguments));
        programs.add(new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve(program + ".log").toFile())
                .start());
    }

    private void awaitReady(int port) {
        soon().ignoreExceptions().untilAsserted(() -> {
            programs.forEach(program -> assertThat(program.isAlive()).as(logs()).isTrue());
            assertThat(http.send(
                                    HttpRequest.newBuilder(at(port, "/-/ready")).build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        });
    }

    private String logs() {
        StringBuilder logs = new StringBuilder();
        for (String program : List.of("prometheus-alertmanager", "prometheus")) {
            Path log = home.resolve(program + ".log");
            logs.append(Files.exists(log) ? MonitoringFiles.read(log) : "");
        }
        return logs.toString();
    }

    private List<JsonNode> told(String alert, String status) {
        return delivered.stream()
                .filter(one -> one.at("/labels/alertname").asText().equals(alert)
                        && one.path("status").asText().equals(status))
                .toList();
    }

    /** The value of the first series; empty when there is none. */
    private String asked(String expression) throws Exception {
        return get(prometheus, "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .at("/data/result/0/value/1")
                .asText();
    }

    private JsonNode get(int port, String path) throws Exception {
        return JSON.readTree(
                http.send(HttpRequest.newBuilder(at(port, path)).build(), HttpResponse.BodyHandlers.ofString())
                        .body());
    }

    private static URI at(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollDelay(0, TimeUnit.MILLISECONDS)
                .pollInterval(200, TimeUnit.MILLISECONDS);
    }
}
