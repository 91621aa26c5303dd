package io.watchkeeper.toolkit.remedy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.watchkeeper.files.DurableFile;
import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.files.LockFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder {@code remedies} of the agent's state: a file for each change that has yet to be taken back, and a lock for each
 * remediation, which the operating system lets go of when its process dies. A file whose lock nobody holds is for the sweep.
 */
final class RemedyRecords {

    private static final Logger LOG = LoggerFactory.getLogger(RemedyRecords.class);
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};
    private static final String LOCK = ".lock";

    private final Path folder;

    /** @param state the agent's */
    RemedyRecords(Path state) {
        this.folder = state.toAbsolutePath().normalize().resolve("remedies");
    }

    /** Durable when this returns: only then may the change be made. */
    void add(RemedyRecord record) {
        try {
            FolderOwner.create(folder);
            DurableFile.write(folder.resolve(record.file()), MAPPER.writeValueAsString(record.fields()));
        } catch (IOException e) {
            throw new UncheckedIOException("what a remedy changes cannot be recorded in " + folder, e);
        }
    }

    void remove(RemedyRecord record) {
        try {
            DurableFile.delete(folder.resolve(record.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of all remediations, newest first: changes are taken back in the opposite order. */
    List<RemedyRecord> all() {
        List<RemedyRecord> all = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                read(file).ifPresent(all::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        all.sort(Comparator.comparing(RemedyRecord::at)
                .thenComparing(RemedyRecord::number)
                .reversed());
        return all;
    }

    private static Optional<RemedyRecord> read(Path file) {
        try {
            return Optional.of(RemedyRecord.of(MAPPER.readValue(Files.readAllBytes(file), FIELDS)));
        } catch (java.nio.file.NoSuchFileException e) {
            return Optional.empty(); // taken back meanwhile
        } catch (IOException | RuntimeException e) {
            LOG.error(
                    "{} does not say what a remedy has changed: {}. Look at it, set right what it names, and remove it.",
                    file,
                    e.toString());
            return Optional.empty();
        }
    }

    /** Of one remediation; empty while somebody else holds it. */
    Optional<LockFile> lock(String remediation, String holder) {
        try {
            FolderOwner.create(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return LockFile.tryAcquireTemporary(folder.resolve(remediation + LOCK), holder);
    }
}
