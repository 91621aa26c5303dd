package io.watchkeeper.toolkit.settings;

import io.watchkeeper.problem.OperatorException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Entries that nobody wants to hear of: a SQLSTATE, or a part of the message, in which {@code *} stands for anything. */
public final class LogIgnore {

    private static final Pattern STATE = Pattern.compile("[0-9A-Z]{5}");

    private final String text;
    private final Pattern pattern;

    /** @throws OperatorException when it is empty, or would match everything */
    public LogIgnore(String text) {
        if (text.replace("*", "").isBlank()) {
            throw new OperatorException(
                    "ignore '" + text + "' would ignore the whole log",
                    "write a part of the message, for example ignore 'duplicate key value*users', or a SQLSTATE: '23505'.");
        }
        this.text = text;
        this.pattern = Pattern.compile(
                Arrays.stream(text.toLowerCase(Locale.ROOT).split("\\*", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")),
                Pattern.DOTALL);
    }

    boolean matches(LogEntry entry) {
        return (STATE.matcher(text).matches() && text.equals(entry.sqlState()))
                || pattern.matcher(entry.message().toLowerCase(Locale.ROOT)).find();
    }

    @Override
    public String toString() {
        return text;
    }
}
