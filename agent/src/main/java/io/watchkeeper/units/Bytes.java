package io.watchkeeper.units;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An amount of data. Units are binary, as in PostgreSQL's settings: one kilobyte is 1,024 bytes. */
public record Bytes(long count) implements Comparable<Bytes> {

    private static final Pattern TEXT = Pattern.compile("(\\d+)\\s*([A-Za-z]*)");
    private static final String[] NAMES = {"bytes", "KB", "MB", "GB", "TB", "PB"};

    public Bytes {
        if (count < 0) {
            throw new IllegalArgumentException("an amount of data cannot be negative: " + count);
        }
    }

    public static Bytes of(long count) {
        return new Bytes(count);
    }

    public static Bytes kilobytes(long n) {
        return new Bytes(Math.multiplyExact(n, 1024L));
    }

    public static Bytes megabytes(long n) {
        return new Bytes(Math.multiplyExact(n, 1024L * 1024));
    }

    public static Bytes gigabytes(long n) {
        return new Bytes(Math.multiplyExact(n, 1024L * 1024 * 1024));
    }

    /** Reads {@code 64MB}, {@code 64 MB}, {@code 2 gigabytes} or a bare number of bytes; empty when it is none of these. */
    public static Optional<Bytes> parse(String text) {
        Matcher m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            return Optional.empty();
        }
        long factor = switch (m.group(2).toLowerCase(Locale.ROOT)) {
            case "", "b", "byte", "bytes" -> 1L;
            case "k", "kb", "kib", "kilobyte", "kilobytes" -> 1L << 10;
            case "m", "mb", "mib", "megabyte", "megabytes" -> 1L << 20;
            case "g", "gb", "gib", "gigabyte", "gigabytes" -> 1L << 30;
            case "t", "tb", "tib", "terabyte", "terabytes" -> 1L << 40;
            default -> 0L;
        };
        if (factor == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Bytes(Math.multiplyExact(Long.parseLong(m.group(1)), factor)));
        } catch (ArithmeticException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(Bytes other) {
        return Long.compare(count, other.count);
    }

    /** The amount in the unit people would say, for example {@code 1.5 MB}. */
    @Override
    public String toString() {
        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < NAMES.length - 1) {
            value /= 1024;
            unit++;
        }
        String number = unit == 0 || value >= 100 || value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.1f", value);
        return number + " " + NAMES[unit];
    }
}
