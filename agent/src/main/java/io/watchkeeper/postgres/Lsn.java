package io.watchkeeper.postgres;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in the write-ahead log.
 *
 * @param position bytes from the log's beginning, unsigned
 */
public record Lsn(long position) implements Comparable<Lsn> {

    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /** Reads {@code 0/8F3A2C10}; empty when it is not a position. */
    public static Optional<Lsn> parse(String text) {
        Matcher m = TEXT.matcher(text.strip());
        return m.matches()
                ? Optional.of(new Lsn(Long.parseLong(m.group(1), 16) << 32 | Long.parseLong(m.group(2), 16)))
                : Optional.empty();
    }

    /** How many bytes of log lie between the other position and this one; negative when this one comes first. */
    public long minus(Lsn other) {
        return position - other.position;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(position, other.position);
    }

    /** As PostgreSQL writes it. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%X/%X", position >>> 32, position & 0xFFFFFFFFL);
    }
}
