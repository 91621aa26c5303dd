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
 * @param change of the file or its mode, so that a chmod counts too
 */
record FileStamp(Object device, Object inode, long size, FileTime modified, FileTime change) {

    /** Two writes closer together than a file system's clock ticks leave the same times behind. */
    private static final Duration COARSEST_TICK = Duration.ofSeconds(2);

    /** Empty when there is no such file. */
    static Optional<FileStamp> of(Path file) throws IOException {
        try {
            Map<String, Object> a = Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime");
            return Optional.of(new FileStamp(
                    a.get("dev"), a.get("ino"), (Long) a.get("size"), (FileTime) a.get("lastModifiedTime"), (FileTime)
                            a.get("ctime")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** True while another write could leave this same stamp. */
    boolean isFresh(Instant now) {
        return modified.toInstant().plus(COARSEST_TICK).isAfter(now);
    }
}
