package io.watchkeeper.toolkit.replication;

import io.watchkeeper.postgres.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which position a server's log had reached at which time: so a replica's position can be told as a time, also while nothing is
 * replayed and PostgreSQL's own measure stands still. Immutable.
 *
 * <p>Young samples stay close together, old ones only as close as a sixteenth of their age: some two hundred reach back for weeks.
 */
record LsnClock(List<Sample> samples) {

    static final LsnClock EMPTY = new LsnClock(List.of());

    private static final Duration REACH = Duration.ofDays(30);
    private static final long CLOSEST_MS = 4_000;
    private static final int SHARE_OF_AGE = 16;

    /** One look. */
    record Sample(Instant at, Lsn lsn) {}

    LsnClock {
        samples = List.copyOf(samples);
    }

    /**
     * With one more look. What contradicts it goes: positions beyond it were of a server that was restored or promoted since, times
     * beyond it of a clock that was set back.
     */
    LsnClock with(Instant now, Lsn lsn) {
        List<Sample> kept = new ArrayList<>();
        for (Sample sample : samples) {
            if (sample.at().isBefore(now)
                    && sample.lsn().compareTo(lsn) <= 0
                    && sample.at().plus(REACH).isAfter(now)) {
                kept.add(sample);
            }
        }
        kept.add(new Sample(now, lsn));
        return new LsnClock(thinned(kept, now));
    }

    /** With what another process has seen of the same server. */
    LsnClock mergedWith(LsnClock other) {
        TreeMap<Instant, Sample> all = new TreeMap<>();
        addTo(all, samples);
        addTo(all, other.samples);
        LsnClock merged = EMPTY;
        if (!all.isEmpty()) {
            Sample last = all.pollLastEntry().getValue();
            merged = new LsnClock(List.copyOf(all.values())).with(last.at(), last.lsn());
        }
        return merged;
    }

    private static void addTo(TreeMap<Instant, Sample> all, Collection<Sample> more) {
        more.forEach(sample -> all.put(sample.at(), sample));
    }

    private static List<Sample> thinned(List<Sample> samples, Instant now) {
        List<Sample> kept = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            boolean edge = i == 0 || i == samples.size() - 1;
            if (edge || gap(kept.get(kept.size() - 1), samples.get(i + 1)) > spacing(samples.get(i), now)) {
                kept.add(samples.get(i));
            }
        }
        return kept;
    }

    private static long gap(Sample before, Sample after) {
        return Duration.between(before.at(), after.at()).toMillis();
    }

    private static long spacing(Sample sample, Instant now) {
        return Math.max(CLOSEST_MS, Duration.between(sample.at(), now).toMillis() / SHARE_OF_AGE);
    }

    boolean isFirstLook() {
        return samples.size() == 1;
    }

    /** When the newest sample was taken. */
    Optional<Instant> newest() {
        return samples.isEmpty()
                ? Optional.empty()
                : Optional.of(samples.get(samples.size() - 1).at());
    }

    /**
     * When the log went beyond a position, as near as the looks tell, and never too early: what follows a position that was the end
     * of the log at one look may have been written any time before the next one. For a position older than all looks: the first
     * of them, for the end of the log: the last.
     *
     * @return empty before any look
     */
    Optional<Instant> wentBeyond(Lsn lsn) {
        if (samples.isEmpty()) {
            return Optional.empty();
        }
        int after = firstBeyond(lsn);
        if (after == 0) {
            return Optional.of(samples.get(0).at());
        }
        if (after == samples.size()) {
            return newest();
        }
        Sample before = samples.get(after - 1);
        Sample next = samples.get(after);
        if (before.lsn().equals(lsn)) {
            return Optional.of(next.at());
        }
        double share = (double) lsn.minus(before.lsn()) / next.lsn().minus(before.lsn());
        return Optional.of(before.at().plusMillis((long) (share * gap(before, next))));
    }

    /** Whether a position was passed since the look before the last one: then the time since that look bounds its age. */
    boolean isFresh(Lsn lsn) {
        return samples.size() > 1 && firstBeyond(lsn) >= samples.size() - 1;
    }

    /** The look before the last one. */
    Optional<Instant> secondNewest() {
        return samples.size() < 2
                ? Optional.empty()
                : Optional.of(samples.get(samples.size() - 2).at());
    }

    /** Whether there was a look when the log ended at this position or before it. */
    boolean covers(Lsn lsn) {
        return !samples.isEmpty() && samples.get(0).lsn().compareTo(lsn) <= 0;
    }

    private int firstBeyond(Lsn lsn) {
        int i = samples.size();
        while (i > 0 && samples.get(i - 1).lsn().compareTo(lsn) > 0) {
            i--;
        }
        return i;
    }

    /** Bytes of log a second over about the last so long; empty where the looks do not reach back for a tenth of it. */
    Optional<Double> rate(Duration window) {
        if (samples.size() < 2) {
            return Optional.empty();
        }
        Sample last = samples.get(samples.size() - 1);
        Sample first = last;
        for (int i = samples.size() - 2; i >= 0 && gap(first, last) < window.toMillis(); i--) {
            first = samples.get(i);
        }
        long ms = gap(first, last);
        return ms * 10 < window.toMillis()
                ? Optional.empty()
                : Optional.of(last.lsn().minus(first.lsn()) * 1000.0 / ms);
    }
}
