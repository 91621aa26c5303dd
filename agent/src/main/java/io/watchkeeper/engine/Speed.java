package io.watchkeeper.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** How fast something goes: over about the last ten seconds, so that a link that has become slow shows at once. */
final class Speed {

    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A rate of less time than this says more about the first block than about the copy. */
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Samples come a few times a second; closer ones are put together. */
    private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private record Sample(long at, long rows, long bytes) {}

    private final Deque<Sample> samples = new ArrayDeque<>();
    private Sample newest;
    private boolean moved;
    private long movedAt;

    Speed(long at, long rows, long bytes) {
        newest = new Sample(at, rows, bytes);
        samples.add(newest);
        movedAt = at;
    }

    void add(long at, long rows, long bytes) {
        if (rows != newest.rows || bytes != newest.bytes) {
            moved = true;
            movedAt = at;
        }
        newest = new Sample(at, rows, bytes);
        if (at - samples.getLast().at >= GAP_NANOS) {
            samples.add(newest);
            forget(at);
        }
    }

    /** Keeps one sample that is older than the window: the window begins there. */
    private void forget(long now) {
        while (samples.size() > 1 && now - second().at >= WINDOW_NANOS) {
            samples.poll();
        }
    }

    private Sample second() {
        var all = samples.iterator();
        all.next();
        return all.next();
    }

    OptionalDouble rowsPerSecond(long now) {
        return perSecond(now, Sample::rows);
    }

    OptionalDouble bytesPerSecond(long now) {
        return perSecond(now, Sample::bytes);
    }

    /** How long nothing has moved, of what has moved before; 0 for less than five seconds, and where nothing moves at all. */
    long stalledNanos(long now) {
        return moved && now - movedAt >= STALLED_NANOS ? now - movedAt : 0;
    }

    private OptionalDouble perSecond(long now, ToLongFunction<Sample> what) {
        forget(now);
        Sample from = samples.getFirst();
        long time = now - from.at;
        return !moved || time < SHORTEST_NANOS
                ? OptionalDouble.empty()
                : OptionalDouble.of((what.applyAsLong(newest) - what.applyAsLong(from)) * 1e9 / time);
    }
}
