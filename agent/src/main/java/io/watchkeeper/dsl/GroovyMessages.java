package io.watchkeeper.dsl;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What Groovy's compiler says, and what it means. */
final class GroovyMessages {

    private static final String END_OF_LINE = "the end of the line";
    private static final String UNEXPECTED = "Unexpected input: ";
    private static final Pattern TOKEN = Pattern.compile("[\\w$]+|'[^']*'|\"[^\"]*\"|\\S");

    private static final String GIVES_NO_SUCH = "look at what the value before it is: log.info shows it.";
    private static final String NO_DECLARATIONS =
            "runbooks declare no classes and no methods; use a closure: def name = { x -> … }";

    /** Words of Groovy that begin what a runbook does not have. */
    private static final Set<String> DECLARING = Set.of(
            "class", "interface", "enum", "trait", "record", "abstract", "static", "native", "extends", "implements");

    private static final Pattern METHOD = Pattern.compile("\\s*(?:def|void|[A-Z]\\w*|int|long|boolean)\\s+\\w+\\s*");

    private static final List<Rule> RULES = List.of(
            rule("Missing '(.)'.*", "a '$1' is missing", "each bracket needs its partner."),
            rule(
                    "Unexpected character: '\\\\?([\"'])'.*",
                    "a text begins here and does not end",
                    "close it with the same quote; a text over several lines stands between three quotes."),
            rule(
                    "Unexpected character: '(.*?)'.*",
                    "'$1' cannot stand here",
                    "is a quote missing before it? A comment begins with //."),
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
            rule("No such property: (\\S+) for class.*", "unknown name '$1'", "a text goes in quotes: '$1'."),
            rule(
                    "Cannot find matching method \\S+#negative\\(\\).*",
                    "a minus sign cannot stand before this",
                    "only before a number: (-5).minutes"),
            rule("Cannot find matching method \\S+#(\\w+)\\(.*", "there is no '$1' for this", GIVES_NO_SUCH),
            rule(
                    "Expected type (\\S+) for closure parameter: (\\w+).*",
                    "'$2' is not of that type here but of type $1",
                    "leave its type out."),
            rule(
                    "Cannot call io\\.watchkeeper\\.\\S+#(\\w+)\\(.*",
                    "'$1' does not take a list of such values",
                    "all values of the list must be of the kind that '$1' takes."),
            rule("Cannot call .*#compareTo\\(.*", "these two cannot be compared", "both sides must be of one kind."),
            rule(
                    "Cannot call .*#\\w+\\(.*",
                    "a value of another kind is needed here",
                    "all values of a list or map are of the kind that its type names; leave the type out."),
            rule(
                    "The LHS of an assignment.*",
                    "a value can be put into a variable, a key or an index, not into this",
                    "to compare, write '=='."),
            rule("Assignment expression is not allowed.*", "'=' cannot stand here", "to compare, write '=='."),
            rule(
                    "you tried to assign a value to the class.*",
                    "the name of the variable is missing",
                    "write: def name = …"),
            rule("Invalid octal number.*", "this is not a number", "a time or a text goes in quotes: '08:00'."),
            rule(
                    "Cannot resolve dynamic method name.*",
                    "a word must stand in the file as it is",
                    "write the word out, or choose with 'if'."),
            rule(
                    "(break|continue) statement is only allowed.*",
                    "'$1' stands outside of a loop",
                    "a closure is left with 'return'; to leave early use a 'for' loop, find or any."),
            rule(
                    "The variable '(\\S+)' has invalid modifier (\\w+).*",
                    "'$2' cannot stand before the variable '$1'",
                    "write: def $1 = …"),
            rule(
                    "Possible loss of precision from (\\S+) to (\\S+).*",
                    "the number does not fit where a value of type $2 is expected",
                    "declare the variable with 'def', or convert the number: (value as $2)."),
            rule(
                    "Cannot assign value of type .* into array of type (\\S+).*",
                    "a value of another kind than $1 holds stands in the list",
                    "leave the type out and write 'def'."),
            rule(
                    "Number ending with underscores is invalid.*",
                    "a number cannot end with '_'",
                    "write it like this: 50_000"),
            rule("Invalid method declaration.*", "a method or class cannot be declared here", NO_DECLARATIONS));

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
                return new TextChecks.Finding(
                        filled(rule.message(), matcher), hint == null ? null : filled(hint, matcher));
            }
        }
        if (message.startsWith(UNEXPECTED)) {
            // What the message quotes is everything that was read so far.
            String token = tokenAt(text, line, column);
            return new TextChecks.Finding(
                    token.equals(END_OF_LINE) ? "the line ends too early" : "'" + token + "' cannot stand here",
                    declares(token, text, line, column)
                            ? NO_DECLARATIONS
                            : "look for a missing value, quote, comma or bracket before it.");
        }
        String bare = PLACE.matcher(message).replaceFirst("");
        return new TextChecks.Finding(bare.lines().findFirst().orElse(bare), "rewrite this line in a simpler way.");
    }

    private static String filled(String pattern, Matcher found) {
        String filled = pattern;
        for (int group = 1; group <= found.groupCount(); group++) {
            filled = filled.replace("$" + group, found.group(group));
        }
        return filled;
    }

    /** True for the beginning of a class, or the bracket behind the name of a method. */
    private static boolean declares(String token, String text, int line, int column) {
        if (token.equals("(")) {
            String whole = text.lines().toList().get(line - 1);
            String head = whole.substring(0, column - 1);
            return METHOD.matcher(head.substring(head.lastIndexOf('{') + 1)).matches();
        }
        return DECLARING.contains(token);
    }

    /** The word, text or sign that stands there. */
    private static String tokenAt(String text, int line, int column) {
        List<String> lines = text.lines().toList();
        if (line < 1
                || line > lines.size()
                || column < 1
                || column > lines.get(line - 1).length()) {
            return END_OF_LINE;
        }
        Matcher token = TOKEN.matcher(lines.get(line - 1));
        return token.find(column - 1) ? token.group() : "this";
    }
}
