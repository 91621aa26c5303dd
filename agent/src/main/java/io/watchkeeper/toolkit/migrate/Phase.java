package io.watchkeeper.toolkit.migrate;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Which part of a change of schema a script is, in the order in which they have to come. */
public enum Phase {
    /** Adds what new programs need and old ones do not notice. */
    EXPAND,
    /** Moves data into what was added. */
    MIGRATE,
    /** Takes away, or narrows, what old programs needed. */
    CONTRACT;

    /** As scripts and documents name it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Phase> named(String word) {
        return Stream.of(values())
                .filter(phase -> phase.word().equals(word.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    Phase or(Phase other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
