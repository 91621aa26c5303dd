package io.watchkeeper.http;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * An answer that goes out as fast as its client takes it, while the thread that made it is free already: what the client has not taken yet
 * waits in memory. Where there is no more memory for that, the thread waits, and its client has to be faster, see {@link SlowClients}.
 * Streams of events have no end to wait for, and go out as they come.
 */
final class HeldAnswer extends Response.Wrapper {

    /** Of one answer, in bytes. */
    private static final long MOST_OF_ONE = 8L << 20;

    /** What all answers together may hold; shared by those of one server. */
    static final class Memory {
        private final long most;
        private final AtomicLong held = new AtomicLong();

        /** @param most in bytes */
        Memory(long most) {
            this.most = most;
        }

        private boolean take(long bytes) {
            if (held.addAndGet(bytes) <= most) {
                return true;
            }
            held.addAndGet(-bytes);
            return false;
        }

        private void give(long bytes) {
            held.addAndGet(-bytes);
        }

        /** In bytes. */
        long held() {
            return held.get();
        }
    }

    /** @param held so many bytes of memory were taken for it. @param callback of who waits for it */
    private record Piece(boolean last, @Nullable ByteBuffer content, long held, Callback callback) {}

    private final Memory memory;

    /** In the order in which they go out; the first is on its way. Guarded by itself, as is what follows. */
    private final Deque<Piece> pieces = new ArrayDeque<>();

    private boolean writing;
    private long held;
    private @Nullable Throwable failure;

    HeldAnswer(Request request, Response answer, Memory memory) {
        super(request, answer);
        this.memory = memory;
    }

    @Override
    public void write(boolean last, @Nullable ByteBuffer content, Callback callback) {
        Piece piece;
        boolean begins;
        Throwable failed;
        synchronized (pieces) {
            failed = failure;
            piece = piece(last, content, callback);
            begins = !writing && failed == null;
            if (failed == null) {
                pieces.add(piece);
                writing = true;
            }
        }
        if (failed != null) {
            memory.give(piece.held());
            callback.failed(failed);
            return;
        }
        if (begins) {
            next();
        }
        if (piece.held() > 0) {
            callback.succeeded();
        }
    }

    /** The last piece is waited for without a thread anyway. */
    private Piece piece(boolean last, @Nullable ByteBuffer content, Callback callback) {
        long size = content == null ? 0 : content.remaining();
        if (content == null || last || size == 0 || held + size > MOST_OF_ONE || isOfEvents() || !memory.take(size)) {
            return new Piece(last, content, 0, callback);
        }
        held += size;
        ByteBuffer copy = ByteBuffer.allocate((int) size).put(content).flip();
        return new Piece(false, copy, size, Callback.NOOP);
    }

    private boolean isOfEvents() {
        String type = getHeaders().get(HttpHeader.CONTENT_TYPE);
        return type != null && type.startsWith("text/event-stream");
    }

    /** Sends one piece after the other, until the client keeps it waiting; then whoever hears that it has taken one goes on. */
    private void next() {
        while (true) {
            Piece piece;
            synchronized (pieces) {
                piece = pieces.peek();
                writing = piece != null;
            }
            if (piece == null) {
                return;
            }
            Turn turn = new Turn(piece);
            super.write(piece.last(), piece.content(), turn);
            if (!turn.isOver()) {
                return;
            }
        }
    }

    /** One piece on its way. */
    private final class Turn implements Callback {
        private final Piece piece;

        /** Whether it was sent, and whether the call that sent it has returned: whoever comes second goes on. */
        private final AtomicInteger ends = new AtomicInteger();

        Turn(Piece piece) {
            this.piece = piece;
        }

        boolean isOver() {
            return ends.getAndIncrement() > 0;
        }

        @Override
        public void succeeded() {
            synchronized (pieces) {
                pieces.poll();
                held -= piece.held();
            }
            memory.give(piece.held());
            piece.callback().succeeded();
            if (ends.getAndIncrement() > 0) {
                next();
            }
        }

        @Override
        public void failed(Throwable why) {
            List<Piece> lost;
            synchronized (pieces) {
                failure = why;
                lost = new ArrayList<>(pieces);
                pieces.clear();
            }
            for (Piece one : lost) {
                memory.give(one.held());
                one.callback().failed(why);
            }
        }
    }
}
