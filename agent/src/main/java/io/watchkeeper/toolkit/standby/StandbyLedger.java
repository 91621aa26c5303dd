package io.watchkeeper.toolkit.standby;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** The records of standbys, a file each, in the agent's state directory. */
final class StandbyLedger {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path folder;
    private final Clock clock;

    /** @param state the agent's own folder */
    StandbyLedger(Path state, Clock clock) {
        this.folder = state.resolve("standbys");
        this.clock = clock;
    }

    /**
     * Makes this the only one on this host that works on the standby, until it is closed.
     *
     * @throws OperatorException when another one does
     */
    LockFile lock(String name, String holder) {
        try {
            FolderOwner.create(folder);
        } catch (IOException e) {
            throw new OperatorException(
                    folder + " cannot be made: " + e.getMessage(), "look at the rights of its folder.", e);
        }
        Path file = folder.resolve(name + ".lock");
        return LockFile.tryAcquire(file, holder)
                .orElseThrow(() -> new OperatorException(
                        "standby '" + name + "' is being worked on by "
                                + LockFile.holder(file)
                                        .filter(by -> !by.isEmpty())
                                        .orElse("another run"),
                        "run it again when that is done."));
    }

    /** @throws OperatorException when the record is there and cannot be read */
    Optional<StandbyRecord> find(String name) {
        Path file = file(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readString(file), StandbyRecord.class));
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be read: " + e.getMessage(),
                    "it says what was made for standby '" + name + "'; restore it, or undo that by hand and remove it.",
                    e);
        }
    }

    void write(StandbyRecord record) {
        Path file = file(record.name());
        try {
            DurableFile.write(
                    file,
                    JSON.writeValueAsString(record.withChangedAt(clock.instant().toString())) + "\n");
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be written: " + e.getMessage(), "make room there, and look at its rights.", e);
        }
    }

    void delete(String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw new OperatorException(file(name) + " cannot be removed: " + e.getMessage(), null, e);
        }
    }

    private Path file(String name) {
        return folder.resolve(name + ".json");
    }
}
