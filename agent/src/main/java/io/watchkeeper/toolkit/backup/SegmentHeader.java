package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;

/**
 * The first page's header of a WAL segment, in which PostgreSQL says which segment it is: a file that carries another one's name is found
 * by it, however well its hash fits.
 *
 * @param magic tells versions of the format apart
 * @param timeline on which the first page was written; older than the file's where the timeline began within the segment
 * @param address of its first byte in the log
 * @param systemId of the cluster
 * @param segmentSize in bytes
 */
record SegmentHeader(int magic, long timeline, long address, long systemId, long segmentSize) {

    /** Of the long form of the header, which every segment begins with. */
    static final int BYTES = 40;

    /** Since PostgreSQL 13. */
    private static final int MAGIC_FAMILY = 0xD100;

    private static final int LONG_HEADER = 0x0002;

    /** @param first {@link #BYTES} bytes in the order of the machine that wrote them, taken for little-endian; empty when it is none */
    static Optional<SegmentHeader> parse(byte[] first) {
        if (first.length < BYTES) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
        int magic = Short.toUnsignedInt(bytes.getShort(0));
        boolean isLong = (bytes.getShort(2) & LONG_HEADER) != 0;
        return (magic & 0xFF00) == MAGIC_FAMILY && isLong
                ? Optional.of(new SegmentHeader(
                        magic,
                        Integer.toUnsignedLong(bytes.getInt(4)),
                        bytes.getLong(8),
                        bytes.getLong(24),
                        Integer.toUnsignedLong(bytes.getInt(32))))
                : Optional.empty();
    }

    /**
     * What contradicts the file's name; empty when nothing does.
     *
     * @param systems the clusters whose log it may be; empty when that is not known
     */
    Optional<String> contradiction(String name, Set<Long> systems) {
        Optional<WalSegment> claimed = segmentSize >= 1 << 20 && Long.bitCount(segmentSize) == 1
                ? WalSegment.parse(name, segmentSize)
                : Optional.empty();
        if (claimed.isEmpty()) {
            return Optional.of("its header names a segment size of " + segmentSize + " bytes");
        }
        WalSegment segment = claimed.get();
        if (segment.start().position() != address) {
            return Optional.of("it holds another segment than its name says: its first page is at " + new Lsn(address));
        }
        if (timeline > segment.timeline()) {
            return Optional.of("it holds log of timeline " + timeline);
        }
        return systems.isEmpty() || systems.contains(systemId)
                ? Optional.empty()
                : Optional.of(
                        "it is the log of another cluster, whose system id is " + Long.toUnsignedString(systemId));
    }
}
