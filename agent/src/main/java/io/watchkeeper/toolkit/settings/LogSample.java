package io.watchkeeper.toolkit.settings;

import io.watchkeeper.postgres.StatementText;
import io.watchkeeper.units.Secret;
import java.util.Locale;
import java.util.regex.Pattern;

/** What of an entry may be shown: short, without secrets, and of statements without the values in them. */
final class LogSample {

    private static final int LONGEST = 300;

    /** Possessive, as others go one deeper for each character of a text, and a long one ends the reading. */
    private static final Pattern SECRETS = Pattern.compile(
            "(?i)\\b((?:encrypted )?pass(?:word|wd|phrase)?|pwd|secret|token|api_?key)(\\s*[=:]\\s*|\\s+(?='))('(?:[^']++|'')*+'?|[^\\s'\",;]+)");

    private static final Pattern IN_URL = Pattern.compile("://([^\\s:/@]+):[^\\s@]+@");
    private static final Pattern NUMBERS = Pattern.compile("\\d+");
    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"|'[^']*'");

    private LogSample() {}

    static String ofMessage(String message) {
        String plain = IN_URL.matcher(Secret.redact(message)).replaceAll("://$1:" + Secret.REDACTED + "@");
        return cut(
                plain.toLowerCase(Locale.ROOT).contains("authentication")
                        ? plain
                        : SECRETS.matcher(plain).replaceAll("$1$2" + Secret.REDACTED));
    }

    static String ofStatement(String statement) {
        String withoutValues = StatementText.of(Secret.redact(statement));
        // Values that nobody quoted, in statements that the server did not understand.
        return SECRETS.matcher(withoutValues).replaceAll("$1$2" + Secret.REDACTED);
    }

    /** The same for messages that differ in names and numbers only. */
    static String kind(String message) {
        int end = message.indexOf('\n');
        String first = cut(end < 0 ? message : message.substring(0, end));
        return NUMBERS.matcher(QUOTED.matcher(first).replaceAll("…")).replaceAll("0");
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
