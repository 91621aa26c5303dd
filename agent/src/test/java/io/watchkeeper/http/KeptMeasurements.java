package io.watchkeeper.http;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Figures over time, in memory. */
final class KeptMeasurements implements Measurements {

    private record Kept(Instant at, Measurement figure) {}

    private final List<Kept> kept = new ArrayList<>();

    @Override
    public void note(Instant at, List<Measurement> figures) {
        figures.forEach(figure -> kept.add(new Kept(at, figure)));
    }

    @Override
    public List<Sample> series(String database, String metric, String subject, Instant since) {
        return kept.stream()
                .filter(one -> one.figure().database().equals(database)
                        && one.figure().metric().equals(metric)
                        && one.figure().subject().equals(subject)
                        && !one.at().isBefore(since))
                .map(one -> new Sample(one.at(), one.figure().value()))
                .toList();
    }

    @Override
    public Map<String, Sample> oldest(String database, String metric, Instant since) {
        return Map.of();
    }

    @Override
    public Optional<Instant> holds(
            String database, String condition, String subject, boolean holds, Instant now, Duration forgottenAfter) {
        return Optional.empty();
    }
}
