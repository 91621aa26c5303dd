package io.watchkeeper.toolkit.failover;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/** Answers as a Patroni did, on a loopback port; see SOURCES.md beside the answers. */
final class RecordedPatroni implements AutoCloseable {

    /** Of the cluster whose answers were recorded. */
    static final String SYSTEM = "7268616322854375442";

    private final HttpServer server;

    /**
     * @param node the file that answers {@code /patroni}
     * @param system stands in the answer instead of the recorded cluster's identifier
     */
    RecordedPatroni(String node, String system) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/patroni", exchange -> answer(exchange, recorded(node).replace(SYSTEM, system)));
        server.createContext("/cluster", exchange -> answer(exchange, recorded("cluster.json")));
        server.start();
    }

    static String recorded(String file) throws IOException {
        try (InputStream in = Objects.requireNonNull(RecordedPatroni.class.getResourceAsStream(file), file)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
