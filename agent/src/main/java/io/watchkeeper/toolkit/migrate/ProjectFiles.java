package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.trust.TrustedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** The files of a project's folder: only what really lies in it, wherever links point to, and only text as psql reads it. */
final class ProjectFiles {

    /** In bytes; scripts that bring rows may be long. */
    private static final int LARGEST = 64 << 20;

    private ProjectFiles() {}

    /**
     * The bytes of a file, of which nobody but root, this user and whom these let in could have written any, or put it in its place: it is
     * run with the agent's rights in a database. Empty when there is none.
     *
     * @throws OperatorException when a link leads out of the folder, others could have changed it, or it cannot be read
     */
    static Optional<byte[]> bytes(Path folder, Path file) {
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            Path real = file.toRealPath();
            if (!real.startsWith(folder.toRealPath())) {
                throw new OperatorException(
                        file + " leads out of the project, to " + real,
                        "put the file itself there: what lies outside may be changed by others.");
            }
            return Files.isRegularFile(real) ? Optional.of(trusted(file)) : Optional.empty();
        } catch (IOException e) {
            throw new OperatorException(
                    file + " cannot be read: " + e.getMessage(), "the agent's user must be able to read it.", e);
        }
    }

    private static byte[] trusted(Path file) throws IOException {
        try {
            return TrustedFile.read(file, LARGEST);
        } catch (OperatorException e) {
            throw new OperatorException(file + ": " + e.getMessage(), e.hint(), e);
        }
    }

    /**
     * The text of a file; empty when there is none.
     *
     * @throws OperatorException as {@link #bytes}, and when it is no text in UTF-8: psql would find other statements in it than a reader
     */
    static Optional<String> text(Path folder, Path file) {
        Optional<byte[]> bytes = bytes(folder, file);
        return bytes.isEmpty() ? Optional.empty() : Optional.of(decoded(file, bytes.get()));
    }

    private static String decoded(Path file, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            // At such a byte psql drops the rest of the line.
            if (text.indexOf('\0') >= 0) {
                throw new OperatorException(file + " has a byte 0 in it", "save it as plain text.");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new OperatorException(file + " is not encoded in UTF-8", "save it as plain text in UTF-8.", e);
        }
    }
}
