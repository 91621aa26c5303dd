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

/** Puts what Groovy's compiler itself says into plain words. */
final class CompilerMessages {

    /** Stands for problems that are in the request already. */
    static final String ALREADY_SAID = "see the problems of this file";

    private static final String STATIC_PREFIX = "[Static type checking] - ";

    /** A quote that begins a text without end. */
    private static final Pattern OPEN_TEXT = Pattern.compile("Unexpected character: '\\\\?[\"']'");

    private static final Pattern AMBIGUOUS =
            Pattern.compile("Reference to method is ambiguous\\..*?([\\w.$]+)#(\\w+)\\(", Pattern.DOTALL);

    /** What may follow a backslash. */
    private static final String ESCAPED = "btnfrsu0123456789\"'\\$";

    private CompilerMessages() {}

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
        Matcher ambiguous = AMBIGUOUS.matcher(original);
        if (ambiguous.find()) {
            // Only methods that no word of the language is are declared so often.
            Refusal refusal = Refusal.of(ambiguous.group(2), ambiguous.group(1), ambiguous.group(2));
            request.problem(cause.getLine(), cause.getStartColumn(), refusal.message(), refusal.hint());
            return;
        }
        if (original.contains(RunbookTypeChecker.WRONG)
                || request.problems().stream().anyMatch(p -> p.line() == cause.getLine())) {
            // What was wrong on this line is said already, in better words; this follows from it.
            return;
        }
        if (!aboutTypes && !OPEN_TEXT.matcher(original).lookingAt() && Braces.unbalanced(text, request)) {
            return;
        }
        if (OPEN_TEXT.matcher(original).lookingAt() && wrongEscape(text, cause, request)) {
            return;
        }
        String bare = aboutTypes ? original.substring(STATIC_PREFIX.length()) : original;
        TextChecks.Finding plain = GroovyMessages.plain(bare, text, cause.getLine(), cause.getStartColumn());
        request.problem(cause.getLine(), cause.getStartColumn(), plain.message(), plain.hint());
    }

    /** A text that the compiler cannot read because of a backslash in it, of a regular expression for one. */
    private static boolean wrongEscape(String text, SyntaxException cause, CompileRequest request) {
        List<String> lines = text.lines().toList();
        if (cause.getLine() < 1 || cause.getLine() > lines.size()) {
            return false;
        }
        String line = lines.get(cause.getLine() - 1);
        int begin = cause.getStartColumn() - 1;
        for (int at = begin + 1; at < line.length() - 1 && line.charAt(at) != line.charAt(begin); at++) {
            if (line.charAt(at) == '\\') {
                if (ESCAPED.indexOf(line.charAt(at + 1)) < 0) {
                    String sign = line.substring(at, line.offsetByCodePoints(at + 1, 1));
                    request.problem(
                            cause.getLine(),
                            at + 1,
                            "'" + sign + "' means nothing in a text",
                            "a backslash is written twice: '\\" + sign + "'.");
                    return true;
                }
                at++;
            }
        }
        return false;
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
