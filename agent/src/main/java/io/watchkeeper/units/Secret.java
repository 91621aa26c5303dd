package io.watchkeeper.units;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * A password or token. It never prints itself, and every text that leaves the agent (log, plan, store, HTTP, error)
 * goes through {@link #redact}, which knows each secret made in this process, and the looks of others.
 */
public final class Secret {

    /** What stands in a text where a secret stood. */
    public static final String REDACTED = "[redacted]";

    /** Shorter values would redact ordinary words; configuration warns about them instead. */
    private static final int SHORTEST_REDACTED = 4;

    /** Longest first: of a secret that begins with another, the rest would be left. */
    private static final Set<String> KNOWN = new ConcurrentSkipListSet<>(
            Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    public static Secret of(String value) {
        if (value.length() >= SHORTEST_REDACTED) {
            KNOWN.add(value);
        }
        return new Secret(value);
    }

    /** The value itself, for the one call that needs it. */
    public String reveal() {
        return value;
    }

    /** The text with every known secret, and what looks like one, replaced by {@value #REDACTED}. */
    public static String redact(String text) {
        String result = text;
        for (String secret : KNOWN) {
            if (result.contains(secret)) {
                result = result.replace(secret, REDACTED);
            }
        }
        return SecretShapes.redact(result);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return REDACTED;
    }
}
