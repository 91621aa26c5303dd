package io.watchkeeper.toolkit.migrate;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Time as somebody sees it who paces work: how late it is, and letting some of it pass. */
interface Waiting {

    /** The system's. */
    Waiting REAL = new Waiting() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void pass(Duration time) {
            LockSupport.parkNanos(time.toNanos());
        }
    };

    /** Only differences mean something. */
    long nanoTime();

    /** May end early. */
    void pass(Duration time);
}
