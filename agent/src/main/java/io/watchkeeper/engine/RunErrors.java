package io.watchkeeper.engine;

import io.watchkeeper.postgres.ServerMessage;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.units.Secret;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Puts a failure into the words shown to people, with the line of the runbook where it happened. */
final class RunErrors {

    private final String file;
    private final String fileName;
    private final boolean dryRun;

    /** @param runbook where it was declared */
    RunErrors(SourceLocation runbook, boolean dryRun) {
        this.file = runbook.file();
        this.fileName = Path.of(file).getFileName().toString();
        this.dryRun = dryRun;
    }

    /** The error of a failure; its place is the given one when the failure itself does not show any. */
    RunError of(Throwable failure, @Nullable SourceLocation otherwise) {
        Throwable cause = unwrapped(failure);
        Optional<ServerMessage> server = ServerMessage.of(cause);
        String sqlState = server.map(ServerMessage::sqlState).orElse(null);
        if (cause instanceof OperatorException operator) {
            return at(message(operator), operator.hint(), failure, otherwise, sqlState);
        }
        if (server.isPresent()) {
            ServerMessage said = server.get();
            String hint = said.hint() != null || sqlState == null
                    ? said.hint()
                    : SqlStateHints.hint(sqlState, said.text(), dryRun);
            return at(said.text(), hint, failure, otherwise, sqlState);
        }
        return at(message(cause), hint(cause), failure, otherwise, null);
    }

    /** An error in given words, at the place the failure shows. */
    RunError at(
            String message,
            @Nullable String hint,
            Throwable failure,
            @Nullable SourceLocation otherwise,
            @Nullable String sqlState) {
        int line = line(failure);
        if (line == 0 && otherwise != null) {
            line = otherwise.line();
        }
        return new RunError(Secret.redact(message), Redaction.of(hint), line > 0 ? file : null, line, sqlState);
    }

    /** The topmost frame in the runbook's file: of the failure itself, else of what caused it; 0 when there is none. */
    private int line(Throwable failure) {
        Throwable next = failure;
        for (int depth = 0; next != null && depth < 50; depth++) {
            for (StackTraceElement frame : next.getStackTrace()) {
                if (fileName.equals(frame.getFileName()) && frame.getLineNumber() > 0) {
                    return frame.getLineNumber();
                }
            }
            next = next.getCause();
        }
        return 0;
    }

    /** What was thrown in the first place, without the wrappers of threads and reflection. */
    private static Throwable unwrapped(Throwable failure) {
        Throwable inner = failure;
        while (inner.getCause() != null
                && (inner instanceof ExecutionException
                        || inner instanceof CompletionException
                        || inner instanceof InvocationTargetException
                        || inner instanceof UndeclaredThrowableException
                        || inner instanceof UncheckedIOException)) {
            inner = inner.getCause();
        }
        return inner;
    }

    private static @Nullable String hint(Throwable failure) {
        if (failure instanceof NullPointerException) {
            return "a query without rows gives an empty list: ask  if (rows)  before rows[0]; a column may be NULL.";
        }
        if (failure instanceof OutOfMemoryError) {
            return "let the server do the work, or read fewer rows at a time.";
        }
        if (failure instanceof StackOverflowError) {
            return "use a loop, or make sure that the calls come to an end.";
        }
        if (failure instanceof ClassCastException) {
            return "convert it first, for example  (rows[0].n as long) .";
        }
        return null;
    }

    private static String message(Throwable failure) {
        // What Java says of these speaks of its own classes.
        if (failure instanceof NullPointerException) {
            return "a value is missing (null) here";
        }
        if (failure instanceof ClassCastException) {
            return "a value is of another kind than is needed here";
        }
        if (failure instanceof OutOfMemoryError) {
            return "the agent has not enough memory for this";
        }
        if (failure instanceof StackOverflowError) {
            return "the code calls itself without end";
        }
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        // The message of these is the file's name alone.
        if (failure instanceof NoSuchFileException) {
            return "no such file: " + message;
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied: " + message;
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "the file is there already: " + message;
        }
        return message;
    }
}
