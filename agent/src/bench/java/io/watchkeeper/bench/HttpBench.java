package io.watchkeeper.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * How fast /health/live answers while 200 connections idle and 64 clients read all the time: {@code Http [SECONDS]}.
 *
 * <p>The agent is a process of its own, with the bounds that it has by default. Fails when the 99th percentile is 50 ms or more, or
 * when anybody is refused.
 */
public final class HttpBench {

    private static final int IDLE = 200;
    private static final int BUSY = 64;
    private static final int RUNBOOKS = 40;
    private static final long LIMIT_MS = 50;
    private static final List<String> PATHS =
            List.of("/v1/status", "/v1/runbooks", "/v1/runs", "/metrics", "/", "/v1/meta/health");

    private HttpBench() {}

    public static void main(String[] arguments) throws Exception {
        long seconds = Arguments.number(arguments, 0, 15);
        boolean reached;
        try (BenchAgent agent = BenchAgent.prepare(RUNBOOKS)) {
            Duration start = agent.startUntil("/health/live");
            System.out.printf("answers after %d ms%n", start.toMillis());
            agent.await(
                    "the runbooks are loaded",
                    Duration.ofMillis(100),
                    () -> agent.body("/v1/status").contains("\"runbooks\":" + RUNBOOKS));
            reached = run(agent.port(), seconds);
        }
        System.exit(reached ? 0 : 1);
    }

    private static boolean run(int port, long seconds) throws Exception {
        List<Client> idle = new ArrayList<>();
        for (int i = 0; i < IDLE; i++) {
            Client client = new Client(port);
            client.get("/health/live");
            idle.add(client);
        }
        AtomicBoolean over = new AtomicBoolean();
        LongAdder answered = new LongAdder();
        LongAdder refused = new LongAdder();
        ExecutorService busy = Executors.newFixedThreadPool(BUSY);
        for (int i = 0; i < BUSY; i++) {
            int number = i;
            busy.execute(() -> read(port, number, over, answered, refused));
        }
        BenchAgent.pause(Duration.ofSeconds(3));
        answered.reset();
        double[] latencies = live(port, seconds, refused);
        long reads = answered.sum();
        over.set(true);
        busy.shutdown();
        if (!busy.awaitTermination(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("busy clients wait for answers that do not come");
        }
        for (Client client : idle) {
            if (client.get("/health/live") != 200) {
                refused.increment();
            }
            client.close();
        }
        double p99 = latencies[(int) (latencies.length * 0.99)];
        System.out.printf(
                "%d idle, %d busy: %,d reads a second, %d refused%n/health/live: %,d calls, median %.1f ms, p99 %.1f ms,"
                        + " longest %.1f ms%n",
                IDLE,
                BUSY,
                reads / seconds,
                refused.sum(),
                latencies.length,
                latencies[latencies.length / 2],
                p99,
                latencies[latencies.length - 1]);
        return p99 < LIMIT_MS && refused.sum() == 0;
    }

    private static double[] live(int port, long seconds, LongAdder refused) throws IOException {
        List<Double> latencies = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (Client client = new Client(port)) {
            while (System.nanoTime() < end) {
                long begin = System.nanoTime();
                if (client.get("/health/live") != 200) {
                    refused.increment();
                }
                latencies.add((System.nanoTime() - begin) / 1e6);
                BenchAgent.pause(Duration.ofMillis(5));
            }
        }
        double[] sorted = latencies.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    private static void read(int port, int number, AtomicBoolean over, LongAdder answered, LongAdder refused) {
        try (Client client = new Client(port)) {
            for (int i = number; !over.get(); i++) {
                if (client.get(PATHS.get(i % PATHS.size())) == 200) {
                    answered.increment();
                } else {
                    refused.increment();
                }
            }
        } catch (IOException e) {
            refused.increment();
            System.out.println("a busy client was cut: " + e);
        }
    }

    /** One kept connection, with nothing around it that could be what is measured. */
    private static final class Client implements AutoCloseable {

        private final Socket socket;
        private final InputStream in;

        Client(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            in = new java.io.BufferedInputStream(socket.getInputStream(), 64 * 1024);
        }

        /** @return the status; the answer is read to its end */
        int get(String path) throws IOException {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            int status = Integer.parseInt(line().split(" ", 3)[1]);
            long length = -1;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                    length = Long.parseLong(header.substring(15).strip());
                }
            }
            if (length >= 0) {
                in.skipNBytes(length);
            } else {
                for (int chunk = Integer.parseInt(line(), 16); chunk > 0; chunk = Integer.parseInt(line(), 16)) {
                    in.skipNBytes(chunk + 2L);
                }
                line();
            }
            return status;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new IOException("cut after '" + line + "'");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
