package io.watchkeeper.toolkit.failover;

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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A switchover that is under way, on disk from before its first change until after its last. Holds no secret.
 *
 * @param step the step that was begun last
 * @param dataDirectory of the old primary
 * @param configFile of the old primary
 * @param bin where its programs are
 * @param unit of systemd; null when pg_ctl stops and starts it
 * @param address of the new primary, for the old one
 * @param slot the old primary's on the new one
 * @param slots all that were made there, in the old primary's place
 * @param oldSlots physical ones of the old primary
 * @param toSlot the one of them that the new primary read; null where it read without one
 * @param settings of the old primary that were set, as they were in postgresql.auto.conf before; null for those that were not
 * @param checkpoint where the old primary's log ended when it was shut down; null until it was
 * @param repoint other standbys that are to follow
 * @param seconds how long each wait may take
 */
record SwitchoverRecord(
        String from,
        String to,
        SwitchoverStep step,
        String system,
        String dataDirectory,
        String configFile,
        String bin,
        @Nullable String unit,
        String address,
        String slot,
        List<String> slots,
        List<String> oldSlots,
        @Nullable String toSlot,
        List<Setting> settings,
        @Nullable String checkpoint,
        List<String> repoint,
        long seconds,
        boolean rewind) {

    private static final String PREFIX = "switchover-";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param before null for one that did not stand there */
    record Setting(String name, @Nullable String before) {}

    private static Path folder(Path state) {
        return state.resolve("failover");
    }

    static Path file(Path state, String from) {
        return folder(state).resolve(PREFIX + from + ".json");
    }

    SwitchoverRecord at(SwitchoverStep next) {
        return new SwitchoverRecord(
                from,
                to,
                next,
                system,
                dataDirectory,
                configFile,
                bin,
                unit,
                address,
                slot,
                slots,
                oldSlots,
                toSlot,
                settings,
                checkpoint,
                repoint,
                seconds,
                rewind);
    }

    SwitchoverRecord endedAt(String position) {
        return new SwitchoverRecord(
                from,
                to,
                step,
                system,
                dataDirectory,
                configFile,
                bin,
                unit,
                address,
                slot,
                slots,
                oldSlots,
                toSlot,
                settings,
                position,
                repoint,
                seconds,
                rewind);
    }

    SwitchoverRecord mayRewind() {
        return new SwitchoverRecord(
                from,
                to,
                step,
                system,
                dataDirectory,
                configFile,
                bin,
                unit,
                address,
                slot,
                slots,
                oldSlots,
                toSlot,
                settings,
                checkpoint,
                repoint,
                seconds,
                true);
    }

    Path data() {
        return Path.of(dataDirectory);
    }

    void write(Path state) {
        Path file = file(state, from);
        try {
            FolderOwner.create(folder(state));
            DurableFile.write(file, JSON.writeValueAsBytes(this));
        } catch (IOException e) {
            throw new OperatorException(
                    "cannot write " + file + ": " + e.getMessage(), "see its folder's rights and space.", e);
        }
    }

    void delete(Path state) {
        Path file = file(state, from);
        try {
            DurableFile.delete(file);
        } catch (IOException e) {
            throw new OperatorException("cannot remove " + file + ": " + e.getMessage(), null, e);
        }
    }

    static Optional<SwitchoverRecord> find(Path state, String from) {
        Path file = file(state, from);
        try {
            return Files.exists(file)
                    ? Optional.of(JSON.readValue(Files.readAllBytes(file), SwitchoverRecord.class))
                    : Optional.empty();
        } catch (IOException e) {
            throw new OperatorException("the record " + file + " cannot be read: " + e.getMessage(), null, e);
        }
    }

    static List<SwitchoverRecord> all(Path state) {
        Path folder = folder(state);
        List<SwitchoverRecord> all = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*.json")) {
            for (Path file : files) {
                all.add(JSON.readValue(Files.readAllBytes(file), SwitchoverRecord.class));
            }
            return all;
        } catch (IOException e) {
            throw new OperatorException("the records in " + folder + " cannot be read: " + e.getMessage(), null, e);
        }
    }

    /** Held by whoever works on it. @return empty while somebody else on this host does */
    static Optional<LockFile> lock(Path state, String from) {
        try {
            FolderOwner.create(folder(state));
        } catch (IOException e) {
            throw new OperatorException("cannot make " + folder(state) + ": " + e.getMessage(), null, e);
        }
        return LockFile.tryAcquire(folder(state).resolve(PREFIX + from + ".lock"), "switchover");
    }

    /** For messages. */
    String title() {
        return from + "→" + to + " (" + step.name().toLowerCase(Locale.ROOT) + ")";
    }
}
