package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A real Chromium, told what to do by the WebDriver protocol: a few calls with JSON, for which no library is needed. */
final class Browser implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process driver;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String session;

    private Browser(Process driver, int port, Path profile) {
        this.driver = driver;
        String root = "http://127.0.0.1:" + port + "/session";
        JsonNode made = post(root, Map.of("capabilities", Map.of("alwaysMatch", capabilities(profile))));
        this.session = root + "/" + made.path("sessionId").asText();
    }

    /** Whether there are Chromium and its driver on this machine. */
    static boolean isThere() {
        return program("chromedriver").isPresent() && program("chromium").isPresent();
    }

    static Browser start(Path profile) throws IOException {
        Process driver = new ProcessBuilder(program("chromedriver").orElseThrow(), "--port=0")
                .redirectErrorStream(true)
                .start();
        BufferedReader said =
                new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
                return new Browser(driver, Integer.parseInt(started.group(1)), profile);
            }
        }
        throw new IllegalStateException("chromedriver has ended before it was started");
    }

    private static Optional<String> program(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private static Map<String, Object> capabilities(Path profile) {
        return Map.of(
                "browserName",
                "chrome",
                "goog:loggingPrefs",
                Map.of("browser", "ALL"),
                "goog:chromeOptions",
                Map.of(
                        "binary",
                        program("chromium").orElseThrow(),
                        "args",
                        List.of(
                                "--headless=new",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--no-first-run",
                                "--hide-scrollbars",
                                "--user-data-dir=" + profile)));
    }

    // ---- what a person does

    void open(URI address) {
        post(session + "/url", Map.of("url", address.toString()));
    }

    void reload() {
        post(session + "/refresh", Map.of());
    }

    void click(String css) {
        post(session + "/element/" + element(css) + "/click", Map.of());
    }

    void type(String css, String text) {
        post(session + "/element/" + element(css) + "/value", Map.of("text", text));
    }

    /** Into whatever has the focus. */
    void press(String key) {
        post(
                session + "/actions",
                Map.of(
                        "actions",
                        List.of(Map.of(
                                "type",
                                "key",
                                "id",
                                "keyboard",
                                "actions",
                                List.of(
                                        Map.of("type", "keyDown", "value", key),
                                        Map.of("type", "keyUp", "value", key))))));
    }

    private String element(String css) {
        return post(session + "/element", Map.of("using", "css selector", "value", css))
                .elements()
                .next()
                .asText();
    }

    // ---- what its screen, its language and its settings are

    void screen(int width, int height) {
        devTools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    void colours(String scheme) {
        devTools(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    void language(String language) {
        devTools("Network.enable", Map.of());
        devTools("Network.setExtraHTTPHeaders", Map.of("headers", Map.of("Accept-Language", language)));
    }

    /** For pages opened from now on. What a test asks of the page is run all the same. */
    void scripts(boolean allowed) {
        devTools("Emulation.setScriptExecutionDisabled", Map.of("value", !allowed));
    }

    JsonNode devTools(String command, Map<String, Object> parameters) {
        return post(session + "/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
    }

    // ---- what it shows

    /** @param script the body of a function */
    JsonNode ask(String script, Object... arguments) {
        return post(session + "/execute/sync", Map.of("script", script, "args", List.of(arguments)));
    }

    /** The text of the page as a person reads it. */
    String text() {
        return ask("return document.body.innerText").asText();
    }

    /** Waits until the script says so. */
    void until(String script, Object... arguments) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!ask(script, arguments).asBoolean()) {
            assertThat(System.nanoTime())
                    .as("within %s: %s%non the page: %s", PATIENCE, script, text())
                    .isLessThan(end);
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
    }

    /** What stands on the console since the last time: errors of scripts, and what the content policy has refused. */
    List<String> console() {
        List<String> lines = new ArrayList<>();
        post(session + "/se/log", Map.of("type", "browser"))
                .forEach(line -> lines.add(
                        line.path("level").asText() + " " + line.path("message").asText()));
        // Advice to whoever writes pages, which no reader sees.
        lines.removeIf(line -> line.startsWith("DEBUG "));
        return lines;
    }

    /** The whole page, also what is below the screen. */
    byte[] picture() {
        JsonNode shot = devTools("Page.captureScreenshot", Map.of("captureBeyondViewport", false));
        return Base64.getDecoder().decode(shot.path("data").asText());
    }

    @Override
    public void close() {
        try {
            send(HttpRequest.newBuilder(URI.create(session)).DELETE());
        } finally {
            driver.destroy();
            try {
                if (!driver.waitFor(10, TimeUnit.SECONDS)) {
                    driver.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private JsonNode post(String address, Map<String, Object> body) {
        try {
            return send(HttpRequest.newBuilder(URI.create(address))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer =
                    client.send(request.timeout(Duration.ofMinutes(1)).build(), HttpResponse.BodyHandlers.ofString());
            JsonNode value = JSON.readTree(answer.body()).path("value");
            assertThat(answer.statusCode()).as(value.path("message").asText()).isEqualTo(200);
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
