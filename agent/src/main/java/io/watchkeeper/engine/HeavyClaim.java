package io.watchkeeper.engine;

import io.watchkeeper.runbook.HeavyWork;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What one run of this host does or wants to do, as its file says.
 *
 * @param arrived when it asked, by {@link System#nanoTime}: on Linux one clock for all processes, and nobody sets it
 * @param since when it asked or began, for people
 */
record HeavyClaim(LockHolder run, HeavyWork work, long arrived, Instant since) {

    private static final String BETWEEN = "\t";
    private static final int FIELDS = 8;

    /** It has its place now. */
    HeavyClaim begun(Instant now) {
        return new HeavyClaim(run, work, arrived, now);
    }

    /** One line. */
    String text() {
        String into = work.into();
        return String.join(
                BETWEEN,
                run.runId(),
                Long.toString(run.pid()),
                encoded(run.runbook()),
                work.kind().name(),
                String.join(
                        ",", work.databases().stream().map(HeavyClaim::encoded).toList()),
                into == null ? "" : encoded(into),
                Long.toString(arrived),
                since.toString());
    }

    /** Empty for what is no claim, for example one of another version of the agent. */
    static Optional<HeavyClaim> parse(String text) {
        String[] parts = text.strip().split(BETWEEN, -1);
        if (parts.length != FIELDS || !RunId.isValid(parts[0])) {
            return Optional.empty();
        }
        try {
            List<String> databases = Arrays.stream(parts[4].split(","))
                    .filter(name -> !name.isEmpty())
                    .map(HeavyClaim::decoded)
                    .toList();
            return Optional.of(new HeavyClaim(
                    new LockHolder(parts[0], Long.parseLong(parts[1]), decoded(parts[2])),
                    new HeavyWork(
                            HeavyWork.Kind.valueOf(parts[3]), databases, parts[5].isEmpty() ? null : decoded(parts[5])),
                    Long.parseLong(parts[6]),
                    Instant.parse(parts[7])));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
