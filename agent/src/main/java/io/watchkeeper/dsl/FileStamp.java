package io.watchkeeper.dsl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What tells cheaply that a file is another one or has been written to, its links followed.
 *
 * @param attributes device, inode, size, time of the last write, and of the last change of the file or its mode
 */
record FileStamp(Map<String, Object> attributes) {

    /** Two writes closer together than a file system's clock ticks leave the same times behind. */
    private static final Duration COARSEST_TICK = Duration.ofSeconds(2);

    /** Empty when there is no such file. */
    static Optional<FileStamp> of(Path file) throws IOException {
        try {
            return Optional.of(new FileStamp(Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** True while another write could leave this same stamp. */
    boolean isFresh(Instant now) {
        return !(attributes.get("lastModifiedTime") instanceof FileTime modified)
                || modified.toInstant().plus(COARSEST_TICK).isAfter(now);
    }
}
