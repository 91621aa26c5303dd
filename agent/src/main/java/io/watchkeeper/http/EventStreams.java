package io.watchkeeper.http;

import io.javalin.http.Context;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends queues of events to browsers and tools as server-sent events, one thread for each open stream. */
final class EventStreams implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    private static final int MOST_STREAMS = 64;

    /** A page says that the connection is lost when three of these are missing. */
    private static final Duration AUDIBLE_HEARTBEAT = Duration.ofSeconds(5);

    private final Duration heartbeat;
    private final Function<Context, BooleanSupplier> allowed;
    private final Set<EventQueue> open = ConcurrentHashMap.newKeySet();
    private final Semaphore places = new Semaphore(MOST_STREAMS);
    private final AtomicInteger threadNumber = new AtomicInteger();
    private final ExecutorService threads;

    /**
     * @param heartbeat the longest silence; a comment is sent then, so that both sides notice a dead connection
     * @param allowed whether who asked may still listen; the answer is asked for before everything that is sent
     */
    EventStreams(Duration heartbeat, Function<Context, BooleanSupplier> allowed) {
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
        BooleanSupplier still = allowed.apply(ctx);
        // Never completed: Javalin would go on with a request that may be over by then. That fails, the answer to that
        // failure does, too, and it answers failures for ever, at all the CPU there is.
        ctx.future(() -> {
            AsyncContext exchange = ctx.req().getAsyncContext();
            exchange.setTimeout(0);
            try {
                ServletOutputStream out = ctx.res().getOutputStream();
                threads.execute(() -> write(exchange, out, queue, still, patience, beat));
            } catch (RuntimeException e) {
                end(queue);
                throw e;
            } catch (IOException e) {
                end(queue);
                throw new UncheckedIOException(e);
            }
            return new CompletableFuture<>();
        });
    }

    private void end(EventQueue queue) {
        queue.close();
        open.remove(queue);
        places.release();
    }

    private void write(
            AsyncContext exchange,
            OutputStream out,
            EventQueue queue,
            BooleanSupplier still,
            Duration patience,
            String beat) {
        try {
            // Tells a browser how soon to come back, and lets it know at once that it is connected.
            out.write("retry: 2000\n\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            while (!queue.isOver()) {
                Optional<LiveEvent> event = queue.poll(patience);
                if (!still.getAsBoolean()) {
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
        } catch (RuntimeException e) {
            LOG.warn("a stream of events ended", e);
        } finally {
            end(queue);
            complete(exchange);
        }
    }

    private static void complete(AsyncContext exchange) {
        try {
            exchange.complete();
        } catch (RuntimeException e) {
            LOG.debug("a stream of events was over already: {}", e.toString());
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
