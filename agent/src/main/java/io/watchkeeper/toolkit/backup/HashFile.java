package io.watchkeeper.toolkit.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The side file that holds another file's SHA-256, as {@code sha256sum} writes it. */
final class HashFile {

    static final String SUFFIX = ".sha256";

    private HashFile() {}

    static Path of(Path file) {
        return file.resolveSibling(file.getFileName() + SUFFIX);
    }

    /** What is wrong; empty when the side file says just this of the file, to the byte. */
    static Optional<String> problem(Path file, String sha256) throws IOException {
        Path side = of(file);
        byte[] written;
        try {
            written = Files.readAllBytes(side);
        } catch (NoSuchFileException e) {
            return Optional.of(file.getFileName() + " has no " + SUFFIX + " file beside it");
        }
        byte[] expected = (sha256 + "  " + file.getFileName() + "\n").getBytes(StandardCharsets.UTF_8);
        return Arrays.equals(written, expected)
                ? Optional.empty()
                : Optional.of(file.getFileName() + " or its " + SUFFIX + " file is not what was written");
    }
}
