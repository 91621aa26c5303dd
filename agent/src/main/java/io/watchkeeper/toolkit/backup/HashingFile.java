package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FileDigest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.Consumer;

/** Writes a file and says at its end what it hashes to. */
final class HashingFile extends OutputStream {

    private final OutputStream file;
    private final MessageDigest sha256 = FileDigest.sha256();
    private final Consumer<String> hashed;
    private boolean closed;

    /** @param hashed told the SHA-256 once all is written */
    HashingFile(Path file, Consumer<String> hashed) throws IOException {
        Files.deleteIfExists(file);
        this.file = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.hashed = hashed;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        file.write(bytes, offset, length);
        sha256.update(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
        file.close();
        if (!closed) {
            closed = true;
            hashed.accept(FileDigest.hex(sha256));
        }
    }
}
