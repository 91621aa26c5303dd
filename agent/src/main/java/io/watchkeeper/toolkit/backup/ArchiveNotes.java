package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an archive's files since they were last read, kept beside the archive.
 *
 * @param verifiedAt when the newest pass through all of them ended; null when none ever did
 * @param after the last file that an unfinished pass has read; null when none is under way
 * @param problems what is wrong, by the name of the file
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ArchiveNotes(@Nullable Instant verifiedAt, @Nullable String after, Map<String, String> problems) {

    private static final String FILE = "archive-check.json";

    ArchiveNotes {
        problems = problems == null ? Map.of() : new TreeMap<>(problems);
    }

    /** Of the archive of one database; what cannot be read is begun anew. */
    static ArchiveNotes read(Catalogue catalogue) {
        Path file = file(catalogue);
        if (Files.exists(file)) {
            try {
                return BackupJson.read(file, ArchiveNotes.class);
            } catch (IOException e) {
                // The next pass finds again what was in it.
            }
        }
        return new ArchiveNotes(null, null, Map.of());
    }

    void write(Catalogue catalogue) throws IOException {
        Files.createDirectories(file(catalogue).getParent());
        BackupJson.write(file(catalogue), this);
    }

    static Path file(Catalogue catalogue) {
        return catalogue.statusFolder().resolve(FILE);
    }
}
