package io.watchkeeper.toolkit.wal;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the file beside a stored one: its SHA-256, as {@code sha256sum} writes and checks it, and in a comment that of what it
 * holds, so that the same content is known again also where it is encrypted.
 *
 * @param content null where nobody has written it down
 */
record StoredHash(String file, @Nullable String content) {

    static final String SUFFIX = ".sha256";

    private static final String COMMENT = "# content ";
    private static final int LENGTH = 64;

    /** Empty when there is none, or none that can be read. */
    static Optional<StoredHash> read(ArchivedFile stored) throws IOException {
        if (!Files.exists(stored.hashFile())) {
            return Optional.empty();
        }
        String content = null;
        String file = null;
        for (String line : Files.readAllLines(stored.hashFile())) {
            if (line.startsWith(COMMENT)) {
                content = hash(line.substring(COMMENT.length()));
            } else if (file == null) {
                file = hash(line);
            }
        }
        return file == null ? Optional.empty() : Optional.of(new StoredHash(file, content));
    }

    private static @Nullable String hash(String line) {
        return line.length() >= LENGTH ? line.substring(0, LENGTH) : null;
    }

    String text(String storedName, String name) {
        return file + "  " + storedName + "\n" + COMMENT + content + "  " + name + "\n";
    }
}
