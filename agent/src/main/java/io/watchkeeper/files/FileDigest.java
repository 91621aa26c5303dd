package io.watchkeeper.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** SHA-256 of files, in lower-case hexadecimal as {@code sha256sum} writes it. */
public final class FileDigest {

    private static final int BLOCK = 1 << 18;

    private FileDigest() {}

    /** A new SHA-256, for what is hashed while it is written. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    public static String of(byte[] content) {
        return HexFormat.of().formatHex(sha256().digest(content));
    }

    public static String of(Path file) throws IOException {
        return of(file, bytes -> {});
    }

    /** @param read told of each block's bytes after it was read: the place to keep to a rate, or to stop */
    public static String of(Path file, LongConsumer read) throws IOException {
        MessageDigest digest = sha256();
        byte[] block = new byte[BLOCK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                digest.update(block, 0, count);
                read.accept(count);
            }
        }
        return hex(digest);
    }
}
