package io.watchkeeper.toolkit.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The side file that holds another file's SHA-256, as {@code sha256sum} writes it. Beside archived log it may have a second line, a comment
 * with the hash of what the file holds when it is neither compressed nor encrypted.
 */
final class HashFile {

    static final String SUFFIX = ".sha256";

    private static final Pattern CONTENT = Pattern.compile("# content ([0-9a-f]{64}|null)  (\\S+)\n");

    private HashFile() {}

    static Path of(Path file) {
        return file.resolveSibling(file.getFileName() + SUFFIX);
    }

    /** What is wrong; empty when the side file says just this of the file, to the byte. */
    static Optional<String> problem(Path file, String sha256) throws IOException {
        Optional<String> written = read(file);
        if (written.isEmpty()) {
            return Optional.of(file.getFileName() + " has no " + SUFFIX + " file beside it");
        }
        return written.get().equals(line(file, sha256)) ? Optional.empty() : changed(file);
    }

    /**
     * As {@link #problem(Path, String)}, of a file of the archive.
     *
     * @param name as the server calls it
     * @param content of what it holds; null where that cannot be read here
     */
    static Optional<String> archiveProblem(Path file, String sha256, String name, @Nullable String content)
            throws IOException {
        Optional<String> written = read(file);
        if (written.isEmpty()) {
            return Optional.of("it has no " + SUFFIX + " file beside it");
        }
        String line = line(file, sha256);
        if (!written.get().startsWith(line)) {
            return changed(file);
        }
        String comment = written.get().substring(line.length());
        Matcher m = CONTENT.matcher(comment);
        boolean fits = comment.isEmpty()
                || (m.matches()
                        && m.group(2).equals(name)
                        && (content == null
                                || m.group(1).equals("null")
                                || m.group(1).equals(content)));
        return fits ? Optional.empty() : changed(file);
    }

    private static Optional<String> changed(Path file) {
        return Optional.of(file.getFileName() + " or its " + SUFFIX + " file is not what was written");
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            // Every byte is a letter of its own: what is no UTF-8 must not be read as something else.
            return Optional.of(new String(Files.readAllBytes(of(file)), StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static String line(Path file, String sha256) {
        return sha256 + "  " + file.getFileName() + "\n";
    }
}
