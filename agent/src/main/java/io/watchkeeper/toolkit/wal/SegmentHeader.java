package io.watchkeeper.toolkit.wal;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a segment's first page says of it. The server writes numbers as its processor has them, which is that of this host, or the
 * segment's size would make no sense.
 *
 * @param start its first position, as a number
 * @param systemId of the cluster that wrote it
 */
record SegmentHeader(long start, String systemId, long segmentSize) {

    /** XLogLongPageHeaderData: the page's own header with padding, then the cluster, the segment's size, the page's size. */
    private static final int LENGTH = 40;

    private static final int START = 8;
    private static final int SYSTEM = 24;
    private static final int SIZE = 32;

    /** Empty when there is no page yet, as in a segment of which nothing was received. */
    static Optional<SegmentHeader> read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            ByteBuffer page = ByteBuffer.wrap(in.readNBytes(LENGTH)).order(ByteOrder.nativeOrder());
            if (page.limit() < LENGTH || page.getShort(0) == 0) {
                return Optional.empty();
            }
            return Optional.of(new SegmentHeader(
                    page.getLong(START), Long.toUnsignedString(page.getLong(SYSTEM)), page.getInt(SIZE)));
        }
    }

    /** @throws OperatorException when the file is not this segment of this cluster */
    void require(WalSegment segment, String cluster, Path file) {
        if (!systemId.equals(cluster)) {
            throw new OperatorException(
                    file + " was written by cluster " + systemId + ", and the archive is of cluster " + cluster,
                    "an archive never mixes two clusters: look which server this database's address leads to.");
        }
        if (start != segment.start().position() || segmentSize != segment.size()) {
            throw new OperatorException(
                    file + " does not hold the segment that it is named after",
                    "look at the disk; move the file away, and it is received again.");
        }
    }
}
