package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.postgres.RunningCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.wal.ArchivedFile;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * What an archived file holds, read once from its beginning to its end.
 *
 * @param sha256 of what it holds
 * @param first bytes of it, as many as a segment's header has where there are so many
 */
record StoredContent(String sha256, ByteBuffer first) {

    private static final int BLOCK = 1 << 16;

    /**
     * Empty for what is encrypted: that takes a key which this host need not have, and is proven by its hash alone.
     *
     * @throws IOException when it cannot be read or decompressed
     */
    static Optional<StoredContent> of(ArchivedFile file, Work work) throws IOException {
        if (file.encrypted()) {
            return Optional.empty();
        }
        switch (Compression.ofName(file.compression())) {
            case NONE -> {
                try (InputStream in = Files.newInputStream(file.path())) {
                    return Optional.of(read(in));
                }
            }
            case GZIP -> {
                try (InputStream in =
                        new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file.path())), BLOCK)) {
                    return Optional.of(read(in));
                }
            }
            default -> {
                return Optional.of(throughProgram(file, work));
            }
        }
    }

    private static StoredContent throughProgram(ArchivedFile file, Work work) throws IOException {
        try (RunningCommand program = Compression.ofName(file.compression())
                .decompress()
                .input(file.path())
                .start(line -> {})) {
            StoredContent content = read(program.output());
            program.requireSuccess(work);
            return content;
        } catch (OperatorException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static StoredContent read(InputStream in) throws IOException {
        MessageDigest digest = FileDigest.sha256();
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        byte[] block = new byte[BLOCK];
        for (int count = in.read(block); count >= 0; count = in.read(block)) {
            digest.update(block, 0, count);
            first.write(block, 0, Math.min(count, Math.max(0, SegmentHeader.BYTES - first.size())));
        }
        return new StoredContent(FileDigest.hex(digest), ByteBuffer.wrap(first.toByteArray()));
    }
}
