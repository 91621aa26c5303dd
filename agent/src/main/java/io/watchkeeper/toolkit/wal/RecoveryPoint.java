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

    private record Sample(Instant at, Lsn end, boolean certain) {}

    private final Deque<Sample> samples = new ArrayDeque<>();
    private Optional<Instant> reached = Optional.empty();
    private Optional<WalReceivers.Received> received = Optional.empty();

    /** @param before a moment not later than the one at which the server was asked @param end where its log ended then */
    synchronized void serverWasAt(Instant before, Lsn end) {
        add(new Sample(before, end, true));
    }

    /**
     * What a standby says of the server that it follows. It may be behind what it was told, as when that server was far ahead and said so
     * in between: good enough to be shown, and not to end a recovery by.
     */
    synchronized void primaryWasAt(Instant before, Lsn end) {
        add(new Sample(before, end, false));
    }

    private void add(Sample sample) {
        samples.addLast(sample);
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
            Sample sample = samples.removeFirst();
            reached = reached.filter(at -> at.isAfter(sample.at())).or(() -> Optional.of(sample.at()));
            if (sample.certain()) {
                received = Optional.of(new WalReceivers.Received(sample.at(), sample.end()));
            }
        }
    }

    /** Until when, and up to where, the archive is known to have everything; empty when no primary was asked yet. */
    synchronized Optional<WalReceivers.Received> received() {
        return received;
    }

    /** Every transaction that was committed until then is in the archive; empty when that is not known yet. */
    synchronized Optional<Instant> recoverableTo() {
        return reached;
    }
}
