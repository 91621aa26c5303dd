package io.watchkeeper.toolkit.settings;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What stands before each message of a plain log, by log_line_prefix. */
final class LinePrefix {

    private static final Pattern ESCAPE = Pattern.compile("%(-?\\d+)?([a-zA-Z%])");
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?: [^ \\]|,;]+)?";

    private static final Map<String, String> VALUES = Map.of(
            "m", "(?<time>" + TIME + ")",
            "t", "(?<time>" + TIME + ")",
            "n", "(?<time>\\d+\\.\\d+)",
            "s", TIME,
            "e", "(?<state>[0-9A-Z]{5})",
            "u", "(?<user>.*?)",
            "p", "\\d+",
            "l", "\\d+",
            "%", "%");

    private final Pattern pattern;

    private LinePrefix(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * What a line's prefix says.
     *
     * @param time empty when it says none
     * @param state empty when it says none
     * @param user the role of the session; empty when it says none
     * @param rest of the line
     */
    record Matched(String time, String state, String user, String rest) {}

    /**
     * @param heads every word that a message begins with, as alternatives of a regular expression: names in the prefix may hold spaces, so
     *     that only what comes after it says where it ends
     */
    static LinePrefix of(String setting, String heads) {
        StringBuilder regex = new StringBuilder();
        Matcher escape = ESCAPE.matcher(setting);
        boolean named = false;
        boolean stated = false;
        boolean owned = false;
        int open = 0;
        int at = 0;
        while (escape.find()) {
            regex.append(Pattern.quote(setting.substring(at, escape.start())));
            at = escape.end();
            String letter = escape.group(2);
            if (letter.equals("q")) {
                // Processes that are no sessions stop here.
                regex.append("(?:");
                open++;
                continue;
            }
            String value = VALUES.getOrDefault(letter, ".*?");
            boolean time = value.contains("<time>");
            boolean state = value.contains("<state>");
            boolean user = value.contains("<user>");
            if ((time && named) || (state && stated) || (user && owned)) {
                value = ".*?";
            }
            named |= time;
            stated |= state;
            owned |= user;
            regex.append(escape.group(1) == null ? value : " *" + value + " *");
        }
        regex.append(Pattern.quote(setting.substring(at)));
        regex.append(")?".repeat(open));
        return new LinePrefix(Pattern.compile(
                "^" + regex + (named ? "" : "(?<time>)") + (stated ? "" : "(?<state>)") + (owned ? "" : "(?<user>)")
                        + "(?<rest>(?:" + heads + "): .*)$",
                Pattern.DOTALL));
    }

    /** Empty when the line does not begin with it, or goes on with something else than a message. */
    Optional<Matched> match(String line) {
        Matcher matcher = pattern.matcher(line);
        return matcher.matches()
                ? Optional.of(new Matched(
                        text(matcher.group("time")),
                        text(matcher.group("state")),
                        text(matcher.group("user")),
                        matcher.group("rest")))
                : Optional.empty();
    }

    private static String text(@Nullable String group) {
        return group == null ? "" : group;
    }
}
