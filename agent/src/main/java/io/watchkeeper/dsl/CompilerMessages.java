package io.watchkeeper.dsl;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codehaus.groovy.control.ErrorCollector;
import org.codehaus.groovy.control.messages.ExceptionMessage;
import org.codehaus.groovy.control.messages.Message;
import org.codehaus.groovy.control.messages.SimpleMessage;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;
import org.codehaus.groovy.syntax.SyntaxException;
import org.jspecify.annotations.Nullable;

/** Puts what Groovy's compiler itself says into plain words. */
final class CompilerMessages {

    /** Stands for problems that are in the request already. */
    static final String ALREADY_SAID = "see the problems of this file";

    private static final String STATIC_PREFIX = "[Static type checking] - ";

    /** A quote that begins a text without end. */
    private static final Pattern OPEN_TEXT = Pattern.compile("Unexpected character: '\\\\?[\"']'");

    private record Rule(
            Pattern pattern, String message, @Nullable String hint) {}

    private static final List<Rule> RULES = List.of(
            rule("(?s)Missing '\\)'.*", "a ')' is missing", "each '(' needs its ')'."),
            rule("(?s)Missing '\\]'.*", "a ']' is missing", "each '[' needs its ']'."),
            rule("(?s)Missing '\\}'.*", "a '}' is missing", "each '{' needs its '}'."),
            rule(
                    "(?s)Unexpected character: '\\\\?([\"'])'.*",
                    "a text begins here and does not end",
                    "close it with the same quote; a text over several lines stands between three quotes."),
            rule("(?s)Unexpected character: '(.*?)'.*", "'$1' cannot stand here", null),
            rule(
                    "(?s)Unexpected input: '<EOF>'.*",
                    "the file ends too early",
                    "a '}' or ')' is missing somewhere above."),
            rule(
                    "(?s)Unexpected input: '\\}'.*",
                    "this '}' closes nothing",
                    "take it out, or add the '{' it belongs to."),
            rule(
                    "(?s)Unexpected input: '\\)'.*",
                    "this ')' closes nothing",
                    "take it out, or add the '(' it belongs to."),
            rule(
                    "(?s)Unexpected input: .*?([^'\\s]+)'(?: @.*)?$",
                    "'$1' cannot stand here",
                    "look for a missing quote, comma or bracket before it."),
            rule(
                    "(?s)unable to resolve class (\\S+).*",
                    "there is no type '$1'",
                    "leave the type out and write 'def'."),
            rule(
                    "(?s)The current scope already contains a variable of the name (\\S+).*",
                    "the variable '$1' is declared twice",
                    "give one of them another name, or leave its 'def' out."),
            rule("(?s)No such property: (\\S+) for class.*", "unknown name '$1'", null),
            rule(
                    "(?s)Cannot find matching method \\S+#negative\\(\\).*",
                    "a minus sign cannot stand before this",
                    null),
            rule("(?s)Cannot find matching method \\S+#(\\w+)\\(.*", "there is no '$1' for this", null),
            rule(
                    "(?s)Expected type (\\S+) for closure parameter: (\\w+).*",
                    "'$2' is not of that type here but of type $1",
                    "leave its type out."),
            rule("(?s)Cannot resolve dynamic method name.*", "a word must stand in the file as it is", null),
            rule("(?s)(.*?)\\s*@ line \\d+, column \\d+\\.?", "$1", null));

    private CompilerMessages() {}

    private static Rule rule(String pattern, String message, @Nullable String hint) {
        return new Rule(Pattern.compile(pattern), message, hint);
    }

    /** Adds what the compiler found to the request's problems. */
    static void translate(ErrorCollector errors, String text, CompileRequest request) {
        if (errors.getErrors() == null) {
            return;
        }
        for (Message message : errors.getErrors()) {
            if (message instanceof SyntaxErrorMessage syntax) {
                translate(syntax.getCause(), text, request);
            } else if (message instanceof SimpleMessage simple) {
                if (!ALREADY_SAID.equals(simple.getMessage())) {
                    request.problem(0, 0, simple.getMessage(), null);
                }
            } else if (message instanceof ExceptionMessage exception) {
                unexpected(exception.getCause(), request);
            }
        }
    }

    private static void translate(SyntaxException cause, String text, CompileRequest request) {
        String original = cause.getOriginalMessage();
        if (request.removedNames().stream().anyMatch(name -> mentions(original, name))) {
            return;
        }
        boolean aboutTypes = original.startsWith(STATIC_PREFIX);
        if (request.problems().stream().anyMatch(p -> p.line() == cause.getLine())) {
            // What was wrong on this line is said already, in better words; this follows from it.
            return;
        }
        if (!aboutTypes && !OPEN_TEXT.matcher(original).lookingAt() && Braces.unbalanced(text, request)) {
            return;
        }
        String bare = aboutTypes ? original.substring(STATIC_PREFIX.length()) : original;
        for (Rule rule : RULES) {
            Matcher matcher = rule.pattern().matcher(bare);
            if (matcher.matches()) {
                request.problem(
                        cause.getLine(),
                        cause.getStartColumn(),
                        matcher.replaceFirst(rule.message()).strip(),
                        rule.hint());
                return;
            }
        }
        request.problem(
                cause.getLine(),
                cause.getStartColumn(),
                bare.lines().findFirst().orElse(bare),
                null);
    }

    private static boolean mentions(String message, String name) {
        return message.contains("class " + name + " ")
                || message.endsWith("class " + name)
                || message.contains("'" + name + "'");
    }

    /** Something went wrong inside the compiler; on a file with problems that is their consequence. */
    static void unexpected(Throwable failure, CompileRequest request) {
        if (!request.problems().isEmpty()) {
            return;
        }
        if (failure instanceof StackOverflowError) {
            request.problem(
                    0,
                    0,
                    "the file is nested too deeply to be read",
                    "take long chains of operators and nested blocks apart.");
        } else {
            request.problem(
                    0,
                    0,
                    "the compiler gave up on this file: " + failure,
                    "take out what was changed last, bit by bit.");
        }
    }
}
