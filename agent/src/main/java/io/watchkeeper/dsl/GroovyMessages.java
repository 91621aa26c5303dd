package io.watchkeeper.dsl;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What Groovy's compiler says, and what it means. */
final class GroovyMessages {

    private static final String UNEXPECTED = "Unexpected input: ";
    private static final Pattern TOKEN = Pattern.compile("[\\w$]+|'[^']*'|\"[^\"]*\"|\\S");

    private static final List<Rule> RULES = List.of(
            rule("Missing '(.)'.*", "a '$1' is missing", "each bracket needs its partner."),
            rule(
                    "Unexpected character: '\\\\?([\"'])'.*",
                    "a text begins here and does not end",
                    "close it with the same quote; a text over several lines stands between three quotes."),
            rule("Unexpected character: '(.*?)'.*", "'$1' cannot stand here", null),
            rule("Unexpected input: '<EOF>'.*", "the file ends too early", "a '}' or ')' is missing somewhere above."),
            rule(
                    "token recognition error at: '(.*?)'.*",
                    "'$1' cannot stand here",
                    "is a quote missing? In a text between double quotes a dollar sign is written \\$."),
            rule("unable to resolve class (\\S+).*", "there is no type '$1'", "leave the type out and write 'def'."),
            rule(
                    "The current scope already contains a variable of the name (\\S+).*",
                    "the variable '$1' is declared twice",
                    "give one of them another name, or leave its 'def' out."),
            rule("No such property: (\\S+) for class.*", "unknown name '$1'", null),
            rule("Cannot find matching method \\S+#negative\\(\\).*", "a minus sign cannot stand before this", null),
            rule("Cannot find matching method \\S+#(\\w+)\\(.*", "there is no '$1' for this", null),
            rule(
                    "Expected type (\\S+) for closure parameter: (\\w+).*",
                    "'$2' is not of that type here but of type $1",
                    "leave its type out."),
            rule(
                    "Cannot call io\\.watchkeeper\\.\\S+#(\\w+)\\(.*",
                    "'$1' does not take a list of such values",
                    "all values of the list must be of the kind that '$1' takes."),
            rule("Cannot call .*#compareTo\\(.*", "these two cannot be compared", "both sides must be of one kind."),
            rule("Cannot call .*#\\w+\\(.*", "a value of another kind is needed here", null),
            rule(
                    "The LHS of an assignment.*",
                    "a value can be put into a variable, a key or an index, not into this",
                    "to compare, write '=='."),
            rule("Assignment expression is not allowed.*", "'=' cannot stand here", "to compare, write '=='."),
            rule("you tried to assign a value to the class.*", "the name of the variable is missing", null),
            rule("Invalid octal number.*", "this is not a number", "a time or a text goes in quotes: '08:00'."),
            rule("Cannot resolve dynamic method name.*", "a word must stand in the file as it is", null));

    private static final Pattern PLACE = Pattern.compile("\\s*@ line \\d+, column \\d+\\.?.*", Pattern.DOTALL);

    private record Rule(
            Pattern pattern, String message, @Nullable String hint) {}

    private GroovyMessages() {}

    private static Rule rule(String pattern, String message, @Nullable String hint) {
        return new Rule(Pattern.compile(pattern, Pattern.DOTALL), message, hint);
    }

    /** The message in plain words. @param text of the file, in which it stands at this line and column */
    static TextChecks.Finding plain(String message, String text, int line, int column) {
        for (Rule rule : RULES) {
            Matcher matcher = rule.pattern().matcher(message);
            if (matcher.matches()) {
                String hint = rule.hint();
                return new TextChecks.Finding(matcher.replaceFirst(rule.message()), hint);
            }
        }
        if (message.startsWith(UNEXPECTED)) {
            // What the message quotes is everything that was read so far.
            return new TextChecks.Finding(
                    "'" + tokenAt(text, line, column) + "' cannot stand here",
                    "look for a missing quote, comma or bracket before it.");
        }
        String bare = PLACE.matcher(message).replaceFirst("");
        return new TextChecks.Finding(bare.lines().findFirst().orElse(bare), null);
    }

    /** The word, text or sign that stands there. */
    private static String tokenAt(String text, int line, int column) {
        List<String> lines = text.lines().toList();
        if (line < 1
                || line > lines.size()
                || column < 1
                || column > lines.get(line - 1).length()) {
            return "the end of the line";
        }
        Matcher token = TOKEN.matcher(lines.get(line - 1));
        return token.find(column - 1) ? token.group() : "this";
    }
}
