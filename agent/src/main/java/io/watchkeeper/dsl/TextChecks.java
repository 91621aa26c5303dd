package io.watchkeeper.dsl;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with a text of a certain kind: asked by the compiler for literals and by the words for all other texts. */
final class TextChecks {

    private static final Pattern RUNBOOK_NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,99}");

    private final @Nullable List<String> databases;
    private final CronSyntax cron;

    /** @param databases null when they are not known, and then any name is right */
    TextChecks(@Nullable Collection<String> databases, CronSyntax cron) {
        this.databases = databases == null ? null : List.copyOf(databases);
        this.cron = cron;
    }

    /** What the answers depend on beside the texts themselves. */
    String inputs() {
        return databases == null ? "any" : "known\0" + String.join("\0", databases);
    }

    /** What is wrong with a text and what to do about it. */
    record Finding(String message, @Nullable String hint) {}

    /** @throws OperatorException when something is wrong with the text */
    String require(TextKind kind, @Nullable String text) {
        if (text == null) {
            throw new OperatorException("a text is needed here, and there is none (null)", null);
        }
        check(kind, text).ifPresent(f -> {
            throw new OperatorException(f.message(), f.hint());
        });
        return text;
    }

    Optional<Finding> check(TextKind kind, String text) {
        return switch (kind) {
            case RUNBOOK_NAME -> runbookName(text);
            case NAME -> text.isBlank() ? found("a name is needed here, and this text is empty", null) : right();
            case DATABASE -> database(text);
            case TABLE -> table(text);
            // Wildcards stand where a name could stand.
            case TABLE_PATTERN -> table(text.replace('*', 'x').replace('?', 'x'));
            case SQL -> text.isBlank() ? found("a statement is needed here, and this text is empty", null) : right();
            case CRON -> cron(text);
            case ZONE -> zone(text);
            case TIME -> time(text);
            case PATH -> path(text);
            case URL -> url(text);
        };
    }

    private static Optional<Finding> runbookName(String text) {
        return RUNBOOK_NAME.matcher(text).matches()
                ? right()
                : found(
                        "'" + text + "' cannot be a runbook's name",
                        "a name begins with a letter or digit and holds letters, digits, '-', '_' and '.', at most 100.");
    }

    private Optional<Finding> database(String text) {
        if (databases == null || databases.contains(text)) {
            return right();
        }
        String configured = databases.isEmpty()
                ? "no database is configured: add it under 'databases' in watchkeeper.yaml."
                : Suggestion.didYouMean(text, databases) + "Configured: " + String.join(", ", databases) + ".";
        return found("database '" + text + "' is not in the configuration", configured);
    }

    private static Optional<Finding> table(String text) {
        if (text.isBlank()) {
            return found(
                    "a table is needed here, and this text is empty",
                    "write schema.table, for example 'public.documents'.");
        }
        try {
            TableName.parse(text);
            return right();
        } catch (OperatorException e) {
            return found(String.valueOf(e.getMessage()), e.hint());
        }
    }

    private Optional<Finding> cron(String text) {
        return cron.problemOf(text)
                .flatMap(problem -> found("cron '" + text + "' is not right: " + problem, cronHint(text)));
    }

    private static String cronHint(String text) {
        String fields = "six fields: second minute hour day-of-month month day-of-week, one of the two days a '?'";
        return text.strip().split("\\s+").length == 5
                ? "five fields is Unix cron; this is Quartz cron, " + fields
                        + ". Put '0 ' in front and a '?' for one day."
                : fields + ", for example '0 0/15 * * * ?' for every quarter of an hour.";
    }

    private static Optional<Finding> zone(String text) {
        try {
            ZoneId.of(text);
            return right();
        } catch (DateTimeException e) {
            return found(
                    "there is no time zone '" + text + "'",
                    Suggestion.didYouMean(text, ZoneId.getAvailableZoneIds())
                            + "Zones are written as 'Asia/Seoul' or 'UTC'.");
        }
    }

    private static Optional<Finding> time(String text) {
        try {
            LocalTime.parse(text);
            return right();
        } catch (DateTimeParseException e) {
            return found(
                    "'" + text + "' is not a time of day",
                    "write hours and minutes with two digits each, '08:00' to '23:59'.");
        }
    }

    private static Optional<Finding> path(String text) {
        return text.startsWith("/") && text.indexOf('\0') < 0
                ? right()
                : found(
                        "'" + text + "' is not an absolute path",
                        "begin it with '/', for example '/var/lib/postgresql'.");
    }

    private static Optional<Finding> url(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null) {
                return right();
            }
        } catch (URISyntaxException e) {
            // Said below, in words that need no grammar of addresses.
        }
        return found(
                "'" + text + "' is not an http or https address",
                "write it whole, for example 'https://example.org/health'.");
    }

    private static Optional<Finding> right() {
        return Optional.empty();
    }

    private static Optional<Finding> found(String message, @Nullable String hint) {
        return Optional.of(new Finding(message, hint));
    }
}
