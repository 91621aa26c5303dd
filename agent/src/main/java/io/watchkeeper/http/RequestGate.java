package io.watchkeeper.http;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Keeps threads free for whoever asks whether the agent lives: other requests are worked on so many at a time, and the rest wait in
 * line without a thread. A supervisor that gets no answer because somebody reads long lists would restart a healthy agent. The
 * line is never longer than there are connections.
 */
final class RequestGate extends Handler.Wrapper {

    private static final Set<String> NEVER_WAIT = Set.of("/health", "/health/live");

    private record Waiting(Request request, Response response, Callback callback) {}

    private final int mostAtOnce;
    private final SlowClients slowClients;
    private final HeldAnswer.Memory memory;
    private final Queue<Waiting> line = new ArrayDeque<>();
    private int working;

    /** @param slowClients is told whose requests are worked on. @param memory for answers whose clients are slower than the agent */
    RequestGate(int mostAtOnce, SlowClients slowClients, HeldAnswer.Memory memory) {
        this.mostAtOnce = mostAtOnce;
        this.slowClients = slowClients;
        this.memory = memory;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (NEVER_WAIT.contains(Request.getPathInContext(request))
                && request.getMethod().equals("GET")) {
            try {
                return super.handle(request, response, callback);
            } finally {
                RequestId.leaveLog();
            }
        }
        synchronized (line) {
            if (working >= mostAtOnce) {
                line.add(new Waiting(request, response, callback));
                return true;
            }
            working++;
        }
        try {
            return work(request, response, callback);
        } finally {
            next();
        }
    }

    private boolean work(Request request, Response response, Callback callback) throws Exception {
        Connection connection = request.getConnectionMetaData().getConnection();
        slowClients.holdsThread(connection, true);
        try {
            return super.handle(request, new HeldAnswer(request, response, memory), callback);
        } finally {
            RequestId.leaveLog();
            slowClients.holdsThread(connection, false);
        }
    }

    /** A thread has become free. Event streams have threads of their own, and are through here at once. */
    private void next() {
        Waiting next;
        synchronized (line) {
            next = line.poll();
            if (next == null) {
                working--;
                return;
            }
        }
        try {
            getServer().getThreadPool().execute(() -> goOn(next));
        } catch (RuntimeException e) {
            // The server stops. Whoever waits is told so, one after the other.
            next.callback().failed(e);
            next();
        }
    }

    private void goOn(Waiting waiting) {
        try {
            if (!work(waiting.request(), waiting.response(), waiting.callback())) {
                Response.writeError(waiting.request(), waiting.response(), waiting.callback(), 404);
            }
        } catch (Exception e) {
            Response.writeError(waiting.request(), waiting.response(), waiting.callback(), e);
        } finally {
            next();
        }
    }
}
