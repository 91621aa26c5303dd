package io.watchkeeper.toolkit.settings;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a server's log.
 *
 * @param at null when the line does not say, or not so that it can be read
 * @param sqlState empty when the format has none
 * @param statement that it happened in; empty when the log does not say
 * @param user the role of the session; empty when the log does not say, or no session wrote it
 */
record LogEntry(
        @Nullable Instant at, LogSeverity severity, String sqlState, String message, String statement, String user) {

    /** Of a log that does not say whose it is. */
    LogEntry(@Nullable Instant at, LogSeverity severity, String sqlState, String message, String statement) {
        this(at, severity, sqlState, message, statement, "");
    }
}
