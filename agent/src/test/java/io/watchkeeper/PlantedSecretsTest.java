package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets of every kind are put where a runbook comes by them, which then shows them in every way it can; afterwards everything
 * that left the agent is searched for them: what it printed and logged, its answers, every file of its state, and what the database
 * was told.
 */
class PlantedSecretsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Ours, known by their values: shown bare. */
    private static final Map<String, String> CONFIGURED = Map.of(
            "shore.password", "cfg-pw-9f3a71",
            "webhook.token", "cfg-hook-5d1c08",
            "mail.password", "cfg-mail-77be21");

    /** Others', known by their looks; each stands for the part that must not be seen. */
    private static final Map<String, String> SHAPES = shapes();

    @TempDir
    Path home;

    private TestHost host;

    private @Nullable Process daemon;

    /** Stands for whoever is alerted. */
    private HttpServer receiver;

    private final List<String> received = new CopyOnWriteArrayList<>();

    private static Map<String, String> shapes() {
        Map<String, String> shapes = new LinkedHashMap<>();
        shapes.put("uri-4c9e", "postgresql://app:uri-4c9e@db.example/app");
        shapes.put("conninfo-81aa", "host=db user=app password=conninfo-81aa dbname=app");
        shapes.put("quoted-27f0", "host=db password='quoted-27f0' user=app");
        shapes.put("option-66d1", "jdbc:postgresql://db/app?user=app&sslpassword=option-66d1");
        shapes.put("statement-b3c4", "CREATE ROLE app LOGIN PASSWORD 'statement-b3c4' CONNECTION LIMIT 3");
        shapes.put("mapping-02ee", "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password 'mapping-02ee')");
        shapes.put("environment-19ab", "PGPASSWORD=environment-19ab pg_dump app");
        shapes.put("bearer-5f7d2c1b0a99", "Authorization: Bearer bearer-5f7d2c1b0a99");
        shapes.put("AKIAIOSFODNN7EXAMPLE", "the key AKIAIOSFODNN7EXAMPLE was used");
        shapes.put("wJalrXUtnFEMIK7MDENGbPxRfiCYKEY", "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYKEY");
        shapes.put("MIIBVgIBADANBgkq", "-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkq\n-----END PRIVATE KEY-----");
        shapes.put(
                "QQPQQPQQPQQPQQPQQPQQPQ",
                "AGE-SECRET-KEY-1QQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQ is the identity");
        shapes.put("document-3d2e", "{\"user\": \"app\", \"password\": \"document-3d2e\"}");
        shapes.put("c3RvcmVkLWtleQ", "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVkLWtleQ==:c2VydmVyLWtleQ==");
        return shapes;
    }

    @BeforeEach
    void makeHost() throws IOException {
        host = new TestHost(home);
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
        for (Map.Entry<String, String> secret : CONFIGURED.entrySet()) {
            Path file = Files.writeString(home.resolve(secret.getKey()), secret.getValue() + "\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        host.writeConfig("""
                alerts:
                  alertmanager: "http://127.0.0.1:%2$d"
                  webhook: { url: "http://127.0.0.1:%2$d/hook", tokenFile: %1$s/webhook.token }
                  mail: { host: 127.0.0.1, port: 1, startTls: false, user: a, passwordFile: %1$s/mail.password, from: a@b.c, to: [d@e.f] }
                audit: { database: ship, table: public.audit_copy }
                """.formatted(home, receiver.getAddress().getPort()));
        String config = Files.readString(host.config());
        Files.writeString(
                host.config(),
                config.replaceFirst(
                        "user: postgres \\}",
                        "user: postgres, passwordFile: " + home.resolve("shore.password") + " }"));
        plant();
    }

    private void plant() {
        host.onShore("create table planted (kind text, value text)");
        Stream.of(CONFIGURED.values(), SHAPES.values(), List.of(TestHost.TOKEN))
                .flatMap(values -> values.stream())
                .forEach(value -> host.onShore("insert into planted values ('x', $planted$" + value + "$planted$)"));
        host.runbook("leaky.groovy", """
                runbook('leaky') {
                  param 'note', 'none'
                  step('show') {
                    def rows = query('shore', 'select kind, value from planted')
                    rows.each { log.info "found ${it.value}"; log.warn it.value }
                    alert 'warning', rows.collect { it.value }.join(' and ')
                  }
                  step('fail') {
                    def rows = query('shore', 'select value from planted')
                    check('refused: ' + rows.collect { it.value }.join('; '), false)
                  }
                }
                """);
        host.runbook(
                "breaking.groovy",
                "runbook('breaking') { step('x') { query 'shore', \"select error('password=conninfo-81aa')\" } }");
    }

    @AfterEach
    void end() throws InterruptedException {
        receiver.stop(0);
        if (daemon != null) {
            daemon.destroyForcibly().waitFor();
        }
    }

    private static void hasNoSecret(String where, String text) {
        List<String> found = Stream.of(CONFIGURED.values(), SHAPES.keySet(), List.of(TestHost.TOKEN))
                .flatMap(values -> values.stream())
                .filter(text::contains)
                .toList();
        assertThat(found).as("secrets in " + where).isEmpty();
    }

    private void hasNoSecret(String where, TestHost.Called called) {
        hasNoSecret(where, called.out() + called.err());
        assertThat(called.out() + called.err()).as(where).isNotEmpty();
    }

    @Test
    void commandsShowNone() {
        hasNoSecret("validate", host.call("validate"));
        hasNoSecret("a dry run", host.call("run", "leaky", "--dry-run"));
        TestHost.Called run = host.call("run", "leaky");
        assertThat(run.out()).as(run.err()).contains("found ", "[redacted]");
        hasNoSecret("a run", run);
        hasNoSecret("a run as JSON", host.call("run", "leaky", "--json"));
        hasNoSecret("a run with a parameter", host.call("run", "leaky", "-P", "note=password=conninfo-81aa"));
        hasNoSecret("a failing query", host.call("run", "breaking"));
        hasNoSecret("a run with stack traces", host.call("run", "leaky", "--debug"));
        hasNoSecret("history", host.call("history", "--json"));
        hasNoSecret("doctor", host.call("doctor"));
        stateHasNone();
    }

    /** Whatever puts words of others on the trail: parameters, errors, addresses that were asked for, names of files, reasons. */
    @Test
    void theAuditTrailHasNone() throws Exception {
        host.call("run", "leaky", "-P", "note=password=conninfo-81aa", "--dry-run");
        daemon = host.spawn("agent");
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::isReady);
        for (String secret : Stream.concat(CONFIGURED.values().stream(), SHAPES.values().stream())
                .toList()) {
            hasNoSecret("trigger", host.call("trigger", "leaky", "-P", "note=" + secret));
            String inPath = URLEncoder.encode(secret, StandardCharsets.UTF_8).replace("+", "%20");
            change("DELETE", "/v1/runs/" + inPath, TestHost.TOKEN);
            change("POST", "/v1/runs/" + inPath + "/approvals", TestHost.TOKEN);
            change(
                    "POST",
                    "/v1/runbooks/leaky/runs?note=" + inPath,
                    "wrong-" + secret.lines().findFirst().orElse(""));
        }
        host.runbook("named-cfg-pw-9f3a71.groovy", "runbook('named') { step('x') { log.info 'x' } }");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> host.call("audit", "search", "--action", "runbook.*")
                        .out()
                        .contains("named-"));
        String newest = "select coalesce(max(position), 0) from audit_copy";
        TestHost.Called export = host.call("audit", "export", "--format", "json");
        long last = export.out().lines().count();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> Long.parseLong(TestHost.ask(TestServers.ship(), host.shipDatabase(), newest)) >= last);

        assertThat(export.out())
                .contains("run.accepted", "call.admitted", "access.refused", "run.finished", "[redacted]");
        hasNoSecret("the export", export);
        hasNoSecret("the export as CSV", host.call("audit", "export", "--format", "csv"));
        hasNoSecret("a search", host.call("audit", "search", "--limit", "500", "--json"));
        hasNoSecret("a search as a table", host.call("audit", "search", "--limit", "500"));
        hasNoSecret("a verification", host.call("audit", "verify"));
        hasNoSecret("/v1/audit", text("/v1/audit?limit=500"));
        hasNoSecret(
                "the copy",
                TestHost.ask(
                        TestServers.ship(),
                        host.shipDatabase(),
                        "select string_agg(c::text, e'\\n') from audit_copy c"));
        Process ended = daemon;
        ended.destroy();
        ended.waitFor();
        assertThat(host.state().resolve("audit-anchor")).exists();
        hasNoSecret("the agent's log", host.spawnedOutput());
        stateHasNone();
    }

    private void change(String method, String path, String token) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(host.address() + path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        hasNoSecret(method + " " + path.substring(0, 12), answer.body());
    }

    @Test
    void theDaemonShowsNone() throws Exception {
        daemon = host.spawn("agent");
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> isReady());
        String id = JSON.readTree(host.call("trigger", "leaky", "--json").out())
                .path("runId")
                .asText();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> JSON.readTree(text("/v1/runs/" + id))
                        .path("state")
                        .asText()
                        .equals("failed"));

        JsonNode run = JSON.readTree(text("/v1/runs/" + id));
        assertThat(run.at("/error/message").asText()).contains("refused: ", "[redacted]");
        for (String path : List.of(
                "/v1/runs/" + id,
                "/v1/runs/" + id + "/log",
                "/v1/runs",
                "/v1/runbooks",
                "/v1/status",
                "/v1/meta/health",
                "/metrics",
                "/runs/" + id,
                "/")) {
            hasNoSecret(path, text(path));
        }
        hasNoSecret("show", host.call("show", id));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> received.size() > 1);
        assertThat(received).anyMatch(body -> body.contains("[redacted]"));
        hasNoSecret("alerts", String.join("\n", received));
        Process ended = daemon;
        ended.destroy();
        ended.waitFor();
        assertThat(host.spawnedOutput()).contains("[redacted]");
        hasNoSecret("the agent's log", host.spawnedOutput());
        stateHasNone();
    }

    /** The store with its log, reports, spool, whatever there is. */
    private void stateHasNone() {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(host.state())) {
            all.filter(Files::isRegularFile).forEach(files::add);
            for (Path file : files) {
                hasNoSecret(file.toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        assertThat(files).isNotEmpty();
    }

    private boolean isReady() {
        try {
            return send("/health/ready").statusCode() == 200;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private String text(String path) throws IOException, InterruptedException {
        return send(path).body();
    }

    private HttpResponse<String> send(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(host.address() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
