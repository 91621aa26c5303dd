package io.watchkeeper.toolkit.verify;

import java.util.List;

/**
 * A row that was not the same when it was last looked at.
 *
 * @param count more than 1 only for rows without a key, which may be there several times
 * @param source the source's {@link Version} then, as text
 * @param key the values of the key as text, or the row's hash
 */
record Difference(DifferenceKind kind, long count, String source, List<String> key) {

    Difference {
        key = List.copyOf(key);
    }

    private static final String UNFINDABLE = "-";

    /** The same, of which nothing more can be found out: a key with a null in it is equal to none. */
    Difference withNull() {
        return new Difference(
                kind,
                count,
                UNFINDABLE,
                key.stream().map(value -> value.replace("\0", "")).toList());
    }

    boolean isUnfindable() {
        return source.equals(UNFINDABLE);
    }

    static Difference between(Version here, Version there, List<String> key, boolean hasKey) {
        return new Difference(here.differs(there, hasKey), here.distance(there, hasKey), here.toString(), key);
    }
}
