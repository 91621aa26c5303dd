package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/** Writes a stream to a file that only its owner may read, and hashes it on the way. */
final class HashedFile {

    private static final int BLOCK = 1 << 18;

    private HashedFile() {}

    /**
     * Writes everything there is.
     *
     * @param work which ends the programs that write the stream when it is told to stop
     * @param written told of how many bytes there are so far
     * @return SHA-256 of what was written
     * @throws OperatorException when the disk is full or fails
     */
    static String write(InputStream from, Path file, Work work, LongConsumer written) {
        MessageDigest digest = FileDigest.sha256();
        byte[] block = new byte[BLOCK];
        long bytes = 0;
        try (OutputStream to = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            for (int count = from.read(block); count >= 0; count = from.read(block)) {
                to.write(block, 0, count);
                digest.update(block, 0, count);
                bytes += count;
                written.accept(bytes);
            }
            return FileDigest.hex(digest);
        } catch (IOException e) {
            work.throwIfCancelled();
            throw new OperatorException(
                    file + " cannot be written: " + e.getMessage(),
                    "make room on that file system (df " + file.getParent() + ").",
                    e);
        }
    }
}
