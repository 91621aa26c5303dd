package io.watchkeeper.protection;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The archive of one database's write-ahead log.
 *
 * @param database as configured
 * @param recoverableTo every transaction that was committed until then is in the archive; null when that is not known
 * @param measured whether the server was asked for that; else it is when the archive last got something, and a server that writes nothing may
 *     have had nothing to archive since
 * @param newest the end of what is archived, as PostgreSQL writes positions; null when it is not known
 * @param live whether somebody receives the log at this moment, as far as this process knows
 * @param lagBytes of log that the server has and the archive has not; null when the server was not asked
 * @param retainedBytes of log that the server keeps for the archive's slot; null when that is not known
 * @param problems what is wrong with it, such as missing segments; empty when it is whole
 */
public record WalState(
        String database,
        @Nullable Instant recoverableTo,
        boolean measured,
        @Nullable String newest,
        boolean live,
        @Nullable Long lagBytes,
        @Nullable Long retainedBytes,
        List<String> problems) {

    public WalState {
        problems = List.copyOf(problems);
    }
}
