package io.watchkeeper.units;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A share between nothing (0.0) and everything (1.0) or beyond; written as a percentage. */
public record Ratio(double share) implements Comparable<Ratio> {

    private static final Pattern TEXT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(%|percent)");

    public Ratio {
        if (!(share >= 0) || Double.isInfinite(share)) {
            throw new IllegalArgumentException("a share cannot be negative or infinite: " + share);
        }
    }

    public static Ratio percent(double percent) {
        return new Ratio(percent / 100);
    }

    /** Reads {@code 10%} or {@code 2.5 percent}; empty when it is neither. */
    public static Optional<Ratio> parse(String text) {
        Matcher m = TEXT.matcher(text.strip());
        return m.matches() ? Optional.of(percent(Double.parseDouble(m.group(1)))) : Optional.empty();
    }

    @Override
    public int compareTo(Ratio other) {
        return Double.compare(share, other.share);
    }

    @Override
    public String toString() {
        double percent = share * 100;
        return percent == Math.rint(percent)
                ? String.format(Locale.ROOT, "%.0f %%", percent)
                : String.format(Locale.ROOT, "%.1f %%", percent);
    }
}
