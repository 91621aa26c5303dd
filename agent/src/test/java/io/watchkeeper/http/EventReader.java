package io.watchkeeper.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Follows a server-sent event stream in the background. */
final class EventReader implements AutoCloseable {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private final HttpResponse<Stream<String>> response;

    EventReader(AgentStandIn agent, String path, String... headers) throws Exception {
        this(agent.client(), agent.request("GET", path, null, headers));
    }

    /** As another client than the one that the agent's stand-in was given. */
    EventReader(HttpClient client, HttpRequest request) throws Exception {
        response = client.send(request, HttpResponse.BodyHandlers.ofLines());
        thread = new Thread(() -> {
            try (Stream<String> body = response.body()) {
                body.forEach(lines::add);
            } catch (RuntimeException e) {
                // The server has gone.
            } finally {
                ended.countDown();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    HttpResponse<?> response() {
        return response;
    }

    List<String> lines() {
        return lines;
    }

    /** The names of the events so far, in order. */
    List<String> names() {
        return values("event: ");
    }

    /** The data of the events so far, in order. */
    List<String> data() {
        return values("data: ");
    }

    /** The ids of the events so far, in order. */
    List<String> ids() {
        return values("id: ");
    }

    void awaitEnd() throws InterruptedException {
        assertThat(ended.await(10, TimeUnit.SECONDS)).as("the stream ends").isTrue();
    }

    private List<String> values(String prefix) {
        List<String> values = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(prefix)) {
                values.add(line.substring(prefix.length()));
            }
        }
        return values;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
