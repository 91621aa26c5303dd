package io.watchkeeper.dsl;

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
        if (original.contains(RunbookTypeChecker.WRONG)
                || request.problems().stream().anyMatch(p -> p.line() == cause.getLine())) {
            // What was wrong on this line is said already, in better words; this follows from it.
            return;
        }
        if (!aboutTypes && !OPEN_TEXT.matcher(original).lookingAt() && Braces.unbalanced(text, request)) {
            return;
        }
        String bare = aboutTypes ? original.substring(STATIC_PREFIX.length()) : original;
        TextChecks.Finding plain = GroovyMessages.plain(bare, text, cause.getLine(), cause.getStartColumn());
        request.problem(cause.getLine(), cause.getStartColumn(), plain.message(), plain.hint());
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
