package io.watchkeeper.runbook;

import org.jspecify.annotations.Nullable;

/**
 * Why a run or step did not succeed (or was skipped), in the words shown to people. Already redacted.
 *
 * @param hint what to do about it
 * @param file the runbook file, where the failing verb stands
 * @param line from 1; 0 when unknown
 * @param sqlState the server's five-character SQLSTATE, where a server said it
 */
public record RunError(
        String message,
        @Nullable String hint,
        @Nullable String file,
        int line,
        @Nullable String sqlState) {

    public static RunError of(String message, @Nullable String hint) {
        return new RunError(message, hint, null, 0, null);
    }
}
