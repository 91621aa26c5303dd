package io.watchkeeper.toolkit.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a verification in ranges has come: what whoever goes on with it must know.
 *
 * @param position the last key that was compared; null with {@code compared}
 * @param compared whether all ranges are done
 * @param rowsHere of the source that were compared
 * @param rowsThere of the target
 * @param differences lines of the file
 * @param file where rows that differ are; only this much of it counts:
 * @param fileLength bytes
 * @param inRange rows that one range has, about
 * @param chunks that were compared
 * @param seconds it took so far
 * @param lsn where the source's log stood at the beginning
 * @param sampleSeed which rows are compared, where not all are
 */
record Checkpoint(
        @Nullable List<String> position,
        boolean compared,
        long rowsHere,
        long rowsThere,
        long differences,
        String file,
        long fileLength,
        double inRange,
        int chunks,
        double seconds,
        long lsn,
        long sampleSeed) {

    private static final ObjectMapper JSON = new ObjectMapper();

    String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Empty when another release wrote it. */
    static Optional<Checkpoint> parse(String json) {
        try {
            return Optional.of(JSON.readValue(json, Checkpoint.class));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
