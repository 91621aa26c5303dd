package io.watchkeeper.engine;

import io.watchkeeper.runbook.HeavyWork;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/**
 * Why heavy work of this host should give way.
 *
 * @param database that is strained; empty for the whole host
 * @param text for people, as the end of a sentence
 */
public record Strain(Kind kind, String database, String text, Instant since) {

    private static final String BETWEEN = "\t";

    /** What strains. */
    public enum Kind {
        /** A run asks for it, as long as it takes. */
        BRAKE,
        /** A replica of the database is too far behind. */
        LAG,
        /** Users keep the server busy. */
        LOAD;

        /** As documents and labels name it. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether the work is to go on slowly. */
    boolean slows(HeavyWork work) {
        return kind == Kind.BRAKE || delays(work);
    }

    /** Whether the work is not to begin. */
    boolean delays(HeavyWork work) {
        return work.kind().yields() && (kind == Kind.BRAKE || work.databases().contains(database));
    }

    /** One line. */
    String line() {
        return String.join(
                BETWEEN,
                kind.name(),
                URLEncoder.encode(database, StandardCharsets.UTF_8),
                text.replaceAll("\\s", " "),
                since.toString());
    }

    static Optional<Strain> parse(String line) {
        String[] parts = line.strip().split(BETWEEN, -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Strain(
                    Kind.valueOf(parts[0]),
                    URLDecoder.decode(parts[1], StandardCharsets.UTF_8),
                    parts[2],
                    Instant.parse(parts[3])));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
