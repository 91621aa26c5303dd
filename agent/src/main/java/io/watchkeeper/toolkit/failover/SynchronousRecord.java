package io.watchkeeper.toolkit.failover;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change of synchronous_standby_names that is not known to be a good one yet, on disk from before it is made until commits were seen
 * to get through. Whoever finds one left behind takes the change back.
 *
 * @param before what stood in postgresql.auto.conf; null for nothing
 * @param after what the agent writes there; null for nothing
 */
record SynchronousRecord(
        Path file,
        String database,
        @Nullable String before,
        @Nullable String after) {

    private static final String PREFIX = "synchronous-";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param state the agent's folder */
    static SynchronousRecord of(Path state, String database, @Nullable String before, @Nullable String after) {
        return new SynchronousRecord(folder(state).resolve(PREFIX + database + ".json"), database, before, after);
    }

    private static Path folder(Path state) {
        return state.resolve("failover");
    }

    void write() {
        Map<String, @Nullable String> fields = new LinkedHashMap<>();
        fields.put("database", database);
        fields.put("before", before);
        fields.put("after", after);
        try {
            FolderOwner.create(Objects.requireNonNull(file.toAbsolutePath().getParent()));
            DurableFile.write(file, JSON.writeValueAsBytes(fields));
        } catch (IOException e) {
            throw new OperatorException(
                    "cannot write " + file + ": " + e.getMessage(),
                    "nothing was changed; see its folder's rights and space.",
                    e);
        }
    }

    /**
     * Held by whoever changes the setting, so that nobody else takes the change for one left behind.
     *
     * @param state the agent's folder
     * @return empty while somebody else on this host holds it
     */
    static Optional<LockFile> lock(Path state, String database) {
        try {
            FolderOwner.create(folder(state));
        } catch (IOException e) {
            throw new OperatorException("cannot make " + folder(state) + ": " + e.getMessage(), null, e);
        }
        return LockFile.tryAcquire(folder(state).resolve(PREFIX + database + ".lock"), "synchronousStandbys");
    }

    void delete() {
        try {
            DurableFile.delete(file);
        } catch (IOException e) {
            throw new OperatorException("cannot remove " + file + ": " + e.getMessage(), null, e);
        }
    }

    static Optional<SynchronousRecord> find(Path state, String database) {
        return all(state).stream()
                .filter(record -> record.database().equals(database))
                .findFirst();
    }

    static List<SynchronousRecord> all(Path state) {
        Path folder = folder(state);
        List<SynchronousRecord> all = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*.json")) {
            for (Path file : files) {
                Map<String, @Nullable String> fields =
                        JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {});
                all.add(new SynchronousRecord(
                        file, String.valueOf(fields.get("database")), fields.get("before"), fields.get("after")));
            }
            return all;
        } catch (IOException e) {
            throw new OperatorException("the records in " + folder + " cannot be read: " + e.getMessage(), null, e);
        }
    }
}
