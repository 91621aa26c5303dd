package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.LockLevel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Judges what scripts SET for themselves. */
final class SettingJudge {

    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|min|h)?");

    /** {@code SET NAMES} is another way to say {@code SET client_encoding}. */
    private static final Set<String> ENCODINGS = Set.of("client_encoding", "names");

    private static final String STRINGS = "standard_conforming_strings";
    private static final Set<String> UTF8 = Set.of("utf8", "utf-8", "unicode");
    private static final Set<String> ON = Set.of("on", "true", "1", "yes");

    private final Duration lockTimeout;

    /** @param lockTimeout that statements are given from outside */
    SettingJudge(Duration lockTimeout) {
        this.lockTimeout = lockTimeout;
    }

    /** What set_config may be given, as a literal: no word of PostgreSQL's own that changes how scripts are read. */
    private static final Pattern SETTABLE = Pattern.compile("search_path|[a-z_][a-z0-9_]*(?:\\.[a-z_][a-z0-9_]*)+");

    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "merge", "create");

    /** Whether a setting may be changed by something else than SET: pg_settings can be written to. */
    static boolean isHidden(ScriptStatement statement) {
        List<ScriptStatement.Token> tokens = statement.tokens();
        boolean writesSettings = WRITES.stream().anyMatch(statement::has) && statement.hasOption("pg_settings");
        boolean names = tokens.stream()
                .filter(token -> token.kind() == ScriptStatement.Kind.STRING)
                .anyMatch(token -> token.text().toLowerCase(Locale.ROOT).contains(STRINGS));
        return writesSettings
                || (names && !statement.startsWith("comment"))
                || IntStream.range(0, tokens.size())
                        .anyMatch(i -> tokens.get(i).isName()
                                && tokens.get(i).text().equals("set_config")
                                && !isSettable(tokens, i));
    }

    private static boolean isSettable(List<ScriptStatement.Token> tokens, int at) {
        return at + 3 < tokens.size()
                && tokens.get(at + 1).isSign("(")
                && tokens.get(at + 2).kind() == ScriptStatement.Kind.STRING
                && SETTABLE.matcher(tokens.get(at + 2).text()).matches()
                && tokens.get(at + 3).isSign(",");
    }

    private static String value(Words words) {
        return words.rest().stream()
                .filter(token -> !token.isSign("=") && !token.is("to"))
                .map(ScriptStatement.Token::text)
                .collect(Collectors.joining())
                .toLowerCase(Locale.ROOT)
                .strip();
    }

    /** A script that waits longer for locks than it is allowed to keeps everybody else waiting behind it. */
    Judgement judge(Words words) {
        Judgement none = Judgement.of(LockLevel.NONE, null, Phase.EXPAND);
        words.accept("set");
        words.acceptOneOf(Set.of("local", "session"));
        String setting = words.name().toLowerCase(Locale.ROOT);
        String value = value(words);
        if (setting.equals(STRINGS) && !ON.contains(value)) {
            return PsqlJudge.unseen(
                    "it changes where strings end, and with them statements", "leave " + setting + " on");
        }
        if (ENCODINGS.contains(setting) && !UTF8.contains(value)) {
            return Judgement.of(LockLevel.NONE, null, Phase.CONTRACT)
                    .alwaysAgainst(
                            "encoding",
                            "in another encoding than UTF-8 psql may find other statements in the script than were judged",
                            "write the script in UTF-8, and leave " + setting + " alone");
        }
        if (!setting.equals("lock_timeout")) {
            return none;
        }
        Optional<Duration> wanted = duration(value);
        boolean isShort =
                wanted.isPresent() && !wanted.get().isZero() && wanted.get().compareTo(lockTimeout) <= 0;
        return isShort
                ? none
                : none.alwaysAgainst(
                        "lock-timeout",
                        "it waits for locks longer than the " + lockTimeout.toMillis()
                                + " ms that this migration allows",
                        "leave lock_timeout to the migration, which sets it and tries again");
    }

    private static Optional<Duration> duration(String text) {
        Matcher m = DURATION.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(m.group(1));
        String unit = m.group(2) == null ? "ms" : m.group(2);
        return Optional.of(
                switch (unit) {
                    case "s" -> Duration.ofSeconds(number);
                    case "min" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    default -> Duration.ofMillis(number);
                });
    }
}
