package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.Lsn;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A segment of the write-ahead log: a file of one size, whose name says where it is.
 *
 * @param timeline from 1 on
 * @param number from 0 on, counted in segments from the log's beginning
 * @param size of every segment of the cluster, in bytes: 16 MB where nobody asked for another
 */
public record WalSegment(long timeline, long number, long size) {

    /** What initdb chooses. */
    public static final long USUAL_SIZE = 16L << 20;

    private static final Pattern NAME = Pattern.compile("([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})");

    /** The segment that holds a position. */
    public static WalSegment at(long timeline, Lsn position, long size) {
        return new WalSegment(timeline, Long.divideUnsigned(position.position(), size), size);
    }

    /** Reads a segment's name, 24 digits; empty for any other. */
    public static Optional<WalSegment> parse(String name, long size) {
        Matcher m = NAME.matcher(name);
        if (!m.matches()) {
            return Optional.empty();
        }
        long perLogFile = (1L << 32) / size;
        long within = Long.parseLong(m.group(3), 16);
        return within >= perLogFile
                ? Optional.empty()
                : Optional.of(new WalSegment(
                        Long.parseLong(m.group(1), 16), Long.parseLong(m.group(2), 16) * perLogFile + within, size));
    }

    /** As its file is called. */
    public String name() {
        long perLogFile = (1L << 32) / size;
        return String.format(Locale.ROOT, "%08X%08X%08X", timeline, number / perLogFile, number % perLogFile);
    }

    /** The first position in it. */
    public Lsn start() {
        return new Lsn(number * size);
    }

    /** The first position after it. */
    public Lsn end() {
        return new Lsn((number + 1) * size);
    }

    /** The one after it on the same timeline. */
    public WalSegment next() {
        return new WalSegment(timeline, number + 1, size);
    }

    @Override
    public String toString() {
        return name();
    }
}
