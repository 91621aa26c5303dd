package io.watchkeeper.cli;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * An error as the operator sees it: the fact and the hint on standard error, no stack trace unless asked for. With
 * {@code --json} a program reads along, so the same stands on standard output as a document:
 * {@code {"error":{"message","hint"},"problems":[{"file","line","column","message","hint"}]}}.
 */
final class ErrorReport {

    private final Invocation invocation;

    ErrorReport(Invocation invocation) {
        this.invocation = invocation;
    }

    /** A subcommand ended with an exception. @return the exit status */
    int failed(Exception exception, String... arguments) {
        Terminal terminal = invocation.terminal();
        boolean json = wantsJson(arguments);
        if (exception instanceof ProblemsException wrong) {
            String summary = WatchkeeperCommand.count(wrong.problems()) + ". Nothing was run.";
            invocation.printProblems(wrong.problems());
            terminal.error(summary);
            document(json, summary, null, wrong.problems());
            return ExitStatus.USAGE;
        }
        LoggerFactory.getLogger(ErrorReport.class).debug("command failed", exception);
        if (exception instanceof OperatorException operator) {
            say(json, String.valueOf(operator.getMessage()), operator.hint());
        } else {
            say(json, exception.toString(), "this should not have happened; --debug shows where it did.");
        }
        if (invocation.debug()) {
            StringWriter trace = new StringWriter();
            exception.printStackTrace(new PrintWriter(trace));
            terminal.error(trace.toString());
        }
        return exception instanceof UsageException ? ExitStatus.USAGE : ExitStatus.FAILED;
    }

    /** The arguments make no sense; nothing was run. @return the exit status */
    int misused(ParameterException exception, String[] arguments) {
        CommandLine command = exception.getCommandLine();
        String help = "'" + command.getCommandSpec().qualifiedName() + " --help' shows what can be given.";
        String message = String.valueOf(exception.getMessage());
        if (exception instanceof UnmatchedArgumentException unmatched) {
            String given = unmatched.getUnmatched().get(0);
            boolean isCommand = command.getParent() == null && !unmatched.isUnknownOption();
            message = isCommand ? "there is no command '" + given + "'" : message;
            List<String> meant = unmatched.getSuggestions();
            help = meant.isEmpty() ? help : "did you mean '" + String.join("' or '", meant) + "'? " + help;
        }
        say(wantsJson(arguments), message, help);
        return ExitStatus.USAGE;
    }

    private void say(boolean json, String message, @Nullable String hint) {
        invocation.terminal().error("error: " + message);
        if (hint != null) {
            invocation.terminal().error("    HINT: " + hint);
        }
        document(json, message, hint, List.of());
    }

    private void document(boolean json, String message, @Nullable String hint, List<Problem> problems) {
        // One document only: what failed after the command's own was printed stands on standard error.
        if (!json || invocation.hasPrintedJson()) {
            return;
        }
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", message);
        if (hint != null) {
            error.put("hint", hint);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("error", error);
        if (!problems.isEmpty()) {
            document.put(
                    "problems",
                    problems.stream().sorted().map(ValidateCommand::fields).toList());
        }
        invocation.printJson(document);
    }

    /** Asked of the arguments themselves, since some that cannot be parsed ask for it, too. */
    private static boolean wantsJson(String... arguments) {
        return Arrays.asList(arguments).contains("--json");
    }
}
