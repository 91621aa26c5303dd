package io.watchkeeper.toolkit.backup;

import io.watchkeeper.files.FileDigest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * What one reading of a file's bytes told.
 *
 * @param sha256 in hexadecimal, for the backup's own manifest
 * @param crc32c as PostgreSQL writes it into backup_manifest, which is the number's bytes in the order of its memory
 */
record FileSum(long bytes, String sha256, String crc32c) {

    /** Sums bytes up as they come. */
    static final class Running {
        private final MessageDigest sha256 = FileDigest.sha256();
        private final CRC32C crc32c = new CRC32C();
        private long bytes;

        void add(byte[] buffer, int offset, int length) {
            sha256.update(buffer, offset, length);
            crc32c.update(buffer, offset, length);
            bytes += length;
        }

        long bytes() {
            return bytes;
        }

        /** Ends the sum. */
        FileSum sum() {
            return new FileSum(bytes, FileDigest.hex(sha256), hex(crc32c));
        }
    }

    static String hex(CRC32C sum) {
        byte[] bytes = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) sum.getValue())
                .array();
        return HexFormat.of().formatHex(bytes);
    }
}
