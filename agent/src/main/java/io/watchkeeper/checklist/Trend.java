package io.watchkeeper.checklist;

import io.watchkeeper.measures.Sample;
import java.util.List;

/**
 * How one figure has developed.
 *
 * @param metric its name, which ends in its unit: {@code database_bytes}
 * @param subject of which there may be several, a table for example; empty for the database itself
 * @param samples oldest first, at least two
 */
public record Trend(String database, String metric, String subject, List<Sample> samples) {

    public Trend {
        samples = List.copyOf(samples);
    }

    public double first() {
        return samples.get(0).value();
    }

    public double last() {
        return samples.get(samples.size() - 1).value();
    }
}
