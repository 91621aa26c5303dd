package io.watchkeeper.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Sends queues of events to browsers and tools as server-sent events, one thread for each open stream. */
final class EventStreams implements AutoCloseable {

    private static final int MOST_STREAMS = 64;

    /** A page says that the connection is lost when three of these are missing. */
    private static final Duration AUDIBLE_HEARTBEAT = Duration.ofSeconds(5);

    private final Duration heartbeat;
    private final Predicate<Context> allowed;
    private final Set<EventQueue> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger threadNumber = new AtomicInteger();
    private final ExecutorService threads;

    /**
     * @param heartbeat the longest silence; a comment is sent then, so that both sides notice a dead connection
     * @param allowed whether who asked may still listen; asked before everything that is sent
     */
    EventStreams(Duration heartbeat, Predicate<Context> allowed) {
        this.heartbeat = heartbeat;
        this.allowed = allowed;
        this.threads = new ThreadPoolExecutor(0, MOST_STREAMS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "http-events-" + threadNumber.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The id of the last event a reconnecting client has seen; 0 for none. */
    static long lastSeen(Context ctx) {
        String id = ctx.header("Last-Event-ID");
        return id != null && id.matches("\\d{1,18}") ? Long.parseLong(id) : 0;
    }

    /** Answers the request with the queue's events until the queue is over or the client goes away. */
    void send(Context ctx, EventQueue queue) {
        send(ctx, queue, heartbeat, ":\n\n");
    }

    /** As {@link #send}, with heartbeats that a page's script can hear: a browser keeps comments to itself. */
    void sendAudibly(Context ctx, EventQueue queue) {
        send(ctx, queue, AUDIBLE_HEARTBEAT, "event: heartbeat\ndata: {}\n\n");
    }

    private void send(Context ctx, EventQueue queue, Duration patience, String beat) {
        if (open.size() >= MOST_STREAMS) {
            queue.close();
            throw new ApiException(
                    503, MOST_STREAMS + " event streams are open already", "Close some pages, or try again later.");
        }
        open.add(queue);
        ctx.status(200)
                .contentType("text/event-stream;charset=utf-8")
                .header("Cache-Control", "no-store")
                .header("X-Accel-Buffering", "no");
        ctx.async(
                config -> {
                    config.executor = threads;
                    config.timeout = 0;
                },
                () -> write(ctx, queue, patience, beat));
    }

    private void write(Context ctx, EventQueue queue, Duration patience, String beat) {
        try {
            OutputStream out = ctx.res().getOutputStream();
            // Tells a browser how soon to come back, and lets it know at once that it is connected.
            out.write("retry: 2000\n\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            while (!queue.isOver()) {
                Optional<LiveEvent> event = queue.poll(patience);
                if (!allowed.test(ctx)) {
                    return;
                }
                if (!queue.isOver() || event.isPresent()) {
                    out.write(event.map(EventStreams::frame).orElse(beat).getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            }
        } catch (IOException e) {
            // The client has gone; that is how most streams end.
        } catch (InterruptedException e) {
            // The agent stops; the thread ends with its task.
        } finally {
            queue.close();
            open.remove(queue);
        }
    }

    private static String frame(LiveEvent event) {
        return "id: " + event.id() + "\nevent: " + event.name() + "\ndata: " + Json.text(event.data()) + "\n\n";
    }

    @Override
    public void close() {
        open.forEach(EventQueue::close);
        threads.shutdownNow();
    }
}
