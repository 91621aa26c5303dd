package io.watchkeeper.toolkit.copy;

import java.time.Duration;

/**
 * How many workers pay. It adds one at a time as long as each brings at least a tenth more rows per second, takes the last one back
 * when it does not, and tries again every minute, because servers and links change.
 */
final class WorkerTuning {

    static final Duration WINDOW = Duration.ofSeconds(3);
    static final Duration REST = Duration.ofMinutes(1);

    private static final double WORTHWHILE = 1.1;

    private final int most;
    private final boolean fixed;
    private int workers;
    private double rateBefore;
    private long windowStart;
    private long rowsAtStart;
    private long restUntil = Long.MIN_VALUE;
    private boolean started;

    private WorkerTuning(int workers, int most, boolean fixed) {
        this.workers = workers;
        this.most = most;
        this.fixed = fixed;
    }

    static WorkerTuning fixed(int workers) {
        return new WorkerTuning(workers, workers, true);
    }

    static WorkerTuning upTo(int most) {
        return new WorkerTuning(1, most, false);
    }

    /**
     * How many should work now.
     *
     * @param nanos the time, of any clock that does not jump
     * @param rows that are in by now
     */
    int advise(long nanos, long rows) {
        if (fixed) {
            return workers;
        }
        if (!started) {
            started = true;
            begin(nanos, rows);
        } else if (nanos - windowStart >= WINDOW.toNanos()) {
            decide(nanos, (rows - rowsAtStart) * 1e9 / (nanos - windowStart));
            begin(nanos, rows);
        }
        return workers;
    }

    private void begin(long nanos, long rows) {
        windowStart = nanos;
        rowsAtStart = rows;
    }

    private void decide(long nanos, double rate) {
        if (restUntil != Long.MIN_VALUE && nanos < restUntil) {
            return;
        }
        boolean added = rateBefore > 0;
        if (added && rate < rateBefore * WORTHWHILE) {
            workers--;
            rateBefore = 0;
            restUntil = nanos + REST.toNanos();
        } else if (workers < most) {
            workers++;
            rateBefore = rate;
        } else {
            rateBefore = 0;
            restUntil = nanos + REST.toNanos();
        }
    }
}
