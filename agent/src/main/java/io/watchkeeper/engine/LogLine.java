package io.watchkeeper.engine;

import java.time.Instant;

/** One line of a run's log, already redacted. */
public record LogLine(Instant at, Level level, String message) {
    public enum Level {
        INFO,
        WARN,
        ERROR
    }
}
