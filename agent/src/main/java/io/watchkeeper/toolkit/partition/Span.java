package io.watchkeeper.toolkit.partition;

import java.time.LocalDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What values a partition holds.
 *
 * @param from the first; {@link LocalDateTime#MIN} without a limit
 * @param to the first that it does not hold; {@link LocalDateTime#MAX} without a limit
 */
record Span(LocalDateTime from, LocalDateTime to) {

    private static final Pattern BOUND = Pattern.compile("FOR VALUES FROM \\((.+)\\) TO \\((.+)\\)");

    /** Reads what {@code pg_get_expr} writes of a bound; empty for one that is not of one column, or not of dates. */
    static Optional<Span> parse(String bound) {
        Matcher m = BOUND.matcher(bound);
        if (!m.matches()) {
            return Optional.empty();
        }
        return value(m.group(1)).flatMap(from -> value(m.group(2)).map(to -> new Span(from, to)));
    }

    private static Optional<LocalDateTime> value(String text) {
        return switch (text) {
            case "MINVALUE" -> Optional.of(LocalDateTime.MIN);
            case "MAXVALUE" -> Optional.of(LocalDateTime.MAX);
            default ->
                text.length() > 2 && text.startsWith("'") && text.endsWith("'")
                        ? KeyType.parse(text.substring(1, text.length() - 1))
                        : Optional.empty();
        };
    }

    boolean isEmpty() {
        return !from.isBefore(to);
    }

    boolean holds(LocalDateTime value) {
        return !value.isBefore(from) && value.isBefore(to);
    }

    boolean overlaps(Span other) {
        return from.isBefore(other.to) && other.from.isBefore(to);
    }

    /** What both hold; may be empty. */
    Span and(Span other) {
        return new Span(from.isAfter(other.from) ? from : other.from, to.isBefore(other.to) ? to : other.to);
    }
}
