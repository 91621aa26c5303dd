package io.watchkeeper.bench;

import io.watchkeeper.postgres.LocalServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An agent in a process of its own, started by the launcher as systemd would start it, with as many runbooks as asked for. */
final class BenchAgent implements AutoCloseable {

    /** In the file {@code token} beside the configuration, for those that name it there. */
    static final String TOKEN = "bench-0123456789abcdef0123456789abcdef";

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path folder;
    private final int port;
    private @Nullable Process process;
    private long started;

    private BenchAgent(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    static BenchAgent prepare(int runbooks) throws IOException {
        return prepare(runbooks, "");
    }

    /** @param http more settings of http, each after a comma */
    static BenchAgent prepare(int runbooks, String http) throws IOException {
        Path folder = Files.createTempDirectory("watchkeeper-bench");
        Files.createDirectories(folder.resolve("runbooks"));
        int port = LocalServer.freePort();
        Files.writeString(folder.resolve("watchkeeper.yaml"), """
                host: { name: bench, role: primary }
                databases:
                  shore: { url: "jdbc:postgresql://127.0.0.1:1/app", user: watchkeeper }
                runbooks: %1$s/runbooks
                state: %1$s/state
                http: { listen: "127.0.0.1:%2$d"%3$s }
                """.formatted(folder, port, http));
        Path token = Files.writeString(folder.resolve("token"), TOKEN);
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        BenchAgent agent = new BenchAgent(folder, port);
        for (int i = 0; i < runbooks; i++) {
            agent.writeRunbook(i, "made for a measurement");
        }
        return agent;
    }

    /** A runbook of ordinary size that is not due while the measurement lasts. */
    void writeRunbook(int number, String description) throws IOException {
        Path file = folder.resolve("runbooks/bench-%04d.groovy".formatted(number));
        Path written = folder.resolve("written");
        Files.writeString(written, """
                runbook('bench-%04d') {
                    description '%s'
                    schedule { cron '0 0 4 1 1 ?' }
                    policy {
                        timeout 30.minutes
                        lock 'table-io'
                    }
                    step('look') {
                        query 'shore', 'select count(*) from pg_class'
                    }
                    step('tidy') {
                        analyze 'shore', 'public.documents'
                    }
                }
                """.formatted(number, description));
        Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(written, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    /** Starts it. @return how long it took until the path was first answered with 200 */
    Duration startUntil(String path) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of("bin/watchkeeper").toAbsolutePath().toString(),
                        "agent",
                        "--config",
                        folder.resolve("watchkeeper.yaml").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        started = System.nanoTime();
        process = builder.start();
        await(path + " answers", Duration.ofMillis(5), () -> status(path) == 200);
        return sinceStart();
    }

    Duration sinceStart() {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    void await(String what, Duration pollInterval, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline || !running().isAlive()) {
                throw new IllegalStateException("waited in vain until " + what + ":\n" + log());
            }
            pause(pollInterval);
        }
    }

    static void pause(Duration duration) {
        try {
            TimeUnit.NANOSECONDS.sleep(duration.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private int status(String path) {
        try {
            return http.send(request(path), BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0; // nobody listens there so far
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String body(String path) {
        try {
            return http.send(request(path), BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    }

    /** Resident memory in MiB, as the kernel counts it. */
    long residentMebibytes() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/" + running().pid() + "/status"));
        return lines.stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    /** What is alive on its heap after a full collection, in MiB. */
    double liveMebibytes() throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(running().pid()), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String[] lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip().split("\\R", -1);
        String[] total = lines[lines.length - 1].strip().split("\\s+", -1);
        if (!total[0].equals("Total")) {
            throw new IllegalStateException("jcmd said: " + String.join("\n", lines));
        }
        return Long.parseLong(total[2]) / 1048576.0;
    }

    int port() {
        return port;
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("not started");
        }
        return process;
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Ends it as systemd does, and waits for that; it can be started again. */
    void stop() {
        if (process != null) {
            process.destroy();
            process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    @Override
    public void close() throws IOException {
        stop();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

}
