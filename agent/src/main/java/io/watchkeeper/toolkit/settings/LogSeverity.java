package io.watchkeeper.toolkit.settings;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** How grave the server says an entry of its log is, mildest first. */
enum LogSeverity {
    QUIET,
    LOG,
    WARNING,
    ERROR,
    FATAL,
    PANIC;

    /** The words of the log, in English and as servers with Korean or German lc_messages write them. */
    private static final Map<String, LogSeverity> WORDS = Map.ofEntries(
            Map.entry("DEBUG", QUIET),
            Map.entry("DEBUG1", QUIET),
            Map.entry("DEBUG2", QUIET),
            Map.entry("DEBUG3", QUIET),
            Map.entry("DEBUG4", QUIET),
            Map.entry("DEBUG5", QUIET),
            Map.entry("INFO", QUIET),
            Map.entry("정보", QUIET),
            Map.entry("NOTICE", QUIET),
            Map.entry("알림", QUIET),
            Map.entry("HINWEIS", QUIET),
            Map.entry("LOG", LOG),
            Map.entry("로그", LOG),
            Map.entry("WARNING", WARNING),
            Map.entry("경고", WARNING),
            Map.entry("WARNUNG", WARNING),
            Map.entry("ERROR", ERROR),
            Map.entry("오류", ERROR),
            Map.entry("FEHLER", ERROR),
            Map.entry("FATAL", FATAL),
            Map.entry("치명적오류", FATAL),
            Map.entry("PANIC", PANIC),
            Map.entry("손상", PANIC),
            Map.entry("PANIK", PANIC));

    /** Every word, as alternatives of a regular expression. */
    static String anyWord() {
        return WORDS.keySet().stream().sorted().collect(Collectors.joining("|"));
    }

    /** Empty when it is no word for a severity. */
    static Optional<LogSeverity> of(String word) {
        return Optional.ofNullable(WORDS.get(word.strip().toUpperCase(Locale.ROOT)));
    }

    boolean isFailure() {
        return compareTo(ERROR) >= 0;
    }
}
