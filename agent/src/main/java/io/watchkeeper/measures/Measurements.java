package io.watchkeeper.measures;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was measured on this host before, kept over restarts and seen by all processes that share its state. Methods throw {@link
 * io.watchkeeper.problem.OperatorException} when the store cannot be read or written.
 */
public interface Measurements {

    /** Keeps what was measured at a moment; a figure measured twice at one moment keeps its last value. */
    void note(Instant at, List<Measurement> figures);

    /** What one figure was from a moment on, oldest first. Figures of long ago are kept by the day. */
    List<Sample> series(String database, String metric, String subject, Instant since);

    /** The oldest sample of a metric from a moment on, by subject: what the subjects were like then. */
    Map<String, Sample> oldest(String database, String metric, Instant since);

    /**
     * Tells that a condition holds of a subject or does not, and since when it has held without a break. A condition that nobody told of
     * for longer than {@code forgottenAfter} begins anew: what was in between is not known.
     *
     * @return empty when it does not hold
     */
    Optional<Instant> holds(
            String database, String condition, String subject, boolean holds, Instant now, Duration forgottenAfter);

    /** The same for one who only looks, as a dry run does: what was measured before can be read, and nothing is kept. */
    default Measurements readOnly() {
        Measurements kept = this;
        return new Measurements() {
            @Override
            public void note(Instant at, List<Measurement> figures) {}

            @Override
            public List<Sample> series(String database, String metric, String subject, Instant since) {
                return kept.series(database, metric, subject, since);
            }

            @Override
            public Map<String, Sample> oldest(String database, String metric, Instant since) {
                return kept.oldest(database, metric, since);
            }

            @Override
            public Optional<Instant> holds(
                    String database,
                    String condition,
                    String subject,
                    boolean holds,
                    Instant now,
                    Duration forgottenAfter) {
                return holds ? Optional.of(now) : Optional.empty();
            }
        };
    }

    /** Of a process that keeps nothing: a check of files, or a dry run. */
    static Measurements none() {
        return new Measurements() {
            @Override
            public void note(Instant at, List<Measurement> figures) {}

            @Override
            public List<Sample> series(String database, String metric, String subject, Instant since) {
                return List.of();
            }

            @Override
            public Map<String, Sample> oldest(String database, String metric, Instant since) {
                return Map.of();
            }

            @Override
            public Optional<Instant> holds(
                    String database,
                    String condition,
                    String subject,
                    boolean holds,
                    Instant now,
                    Duration forgottenAfter) {
                return holds ? Optional.of(now) : Optional.empty();
            }
        };
    }
}
