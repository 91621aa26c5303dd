package io.watchkeeper.toolkit.check;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Figures over time for as long as a test runs. */
final class MemoryMeasurements implements Measurements {

    private final Map<String, TreeMap<Instant, Measurement>> figures = new TreeMap<>();
    private final Map<String, Instant> held = new HashMap<>();

    /** As if it had been measured before. */
    MemoryMeasurements with(Instant at, String metric, String subject, double value) {
        note(at, List.of(new Measurement("shore", metric, subject, value)));
        return this;
    }

    List<String> subjects(String metric) {
        return figures.values().stream()
                .map(series -> series.firstEntry().getValue())
                .filter(figure -> figure.metric().equals(metric))
                .map(Measurement::subject)
                .toList();
    }

    @Override
    public void note(Instant at, List<Measurement> measured) {
        measured.forEach(figure -> figures.computeIfAbsent(
                        key(figure.database(), figure.metric(), figure.subject()), k -> new TreeMap<>())
                .put(at, figure));
    }

    @Override
    public List<Sample> series(String database, String metric, String subject, Instant since) {
        List<Sample> samples = new ArrayList<>();
        figures.getOrDefault(key(database, metric, subject), new TreeMap<>())
                .tailMap(since)
                .forEach((at, figure) -> samples.add(new Sample(at, figure.value())));
        return samples;
    }

    @Override
    public Map<String, Sample> oldest(String database, String metric, Instant since) {
        Map<String, Sample> samples = new TreeMap<>();
        figures.values().forEach(series -> {
            var first = series.ceilingEntry(since);
            if (first != null
                    && first.getValue().metric().equals(metric)
                    && first.getValue().database().equals(database)) {
                samples.put(
                        first.getValue().subject(),
                        new Sample(first.getKey(), first.getValue().value()));
            }
        });
        return samples;
    }

    @Override
    public Optional<Instant> holds(
            String database, String condition, String subject, boolean holds, Instant now, Duration forgottenAfter) {
        String key = key(database, condition, subject);
        if (!holds) {
            held.remove(key);
            return Optional.empty();
        }
        return Optional.of(held.computeIfAbsent(key, k -> now));
    }

    private static String key(String database, String metric, String subject) {
        return database + "/" + metric + "/" + subject;
    }
}
