package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Turns positions of the log into times: until when everything that was committed is in the archive. For that it remembers where the
 * server was at which time.
 */
final class RecoveryPoint {

    /** Of an archive that is behind for long: then every second one is forgotten. */
    private static final int MOST_SAMPLES = 2_000;

    private record Sample(Instant at, Lsn end) {}

    private final Deque<Sample> samples = new ArrayDeque<>();
    private Optional<Instant> reached = Optional.empty();

    /** @param before a moment not later than the one at which the server was asked @param end where its log ended then */
    synchronized void serverWasAt(Instant before, Lsn end) {
        samples.addLast(new Sample(before, end));
        if (samples.size() > MOST_SAMPLES) {
            thinOut();
        }
    }

    private void thinOut() {
        boolean drop = false;
        for (Iterator<Sample> i = samples.iterator(); i.hasNext(); drop = !drop) {
            i.next();
            if (drop) {
                i.remove();
            }
        }
    }

    /** @param flushed the archive has everything up to here */
    synchronized void archiveIsAt(Lsn flushed) {
        while (!samples.isEmpty() && samples.getFirst().end().compareTo(flushed) <= 0) {
            reached = Optional.of(samples.removeFirst().at());
        }
    }

    /** Every transaction that was committed until then is in the archive; empty when that is not known yet. */
    synchronized Optional<Instant> recoverableTo() {
        return reached;
    }
}
