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
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
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
    private final Semaphore places = new Semaphore(MOST_STREAMS);
    private final AtomicInteger threadNumber = new AtomicInteger();
    private final ExecutorService threads;

    /**
     * @param heartbeat the longest silence; a comment is sent then, so that both sides notice a dead connection
     * @param allowed whether who asked may still listen; asked before everything that is sent
     */
    EventStreams(Duration heartbeat, Predicate<Context> allowed) {
        this.heartbeat = heartbeat;
        this.allowed = allowed;
        // Without a limit of its own: a thread is not free again at the moment its stream gives its place away.
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "http-events-" + threadNumber.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The id of the last event a reconnecting client has seen; empty for none. */
    static String lastSeen(Context ctx) {
        String id = ctx.header("Last-Event-ID");
        return id == null ? "" : id;
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
        if (!places.tryAcquire()) {
            queue.close();
            throw new ApiException(
                    503, MOST_STREAMS + " event streams are open already", "Close some pages, or try again later.");
        }
        open.add(queue);
        ctx.status(200)
                .contentType("text/event-stream;charset=utf-8")
                .header("Cache-Control", "no-store")
                .header("X-Accel-Buffering", "no");
        try {
            ctx.async(
                    config -> {
                        config.executor = threads;
                        config.timeout = 0;
                    },
                    () -> write(ctx, queue, patience, beat));
        } catch (RuntimeException e) {
            end(queue);
            throw e;
        }
    }

    private void end(EventQueue queue) {
        queue.close();
        open.remove(queue);
        places.release();
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
            end(queue);
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
