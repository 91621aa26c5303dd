package io.watchkeeper.cli;

import io.watchkeeper.problem.OperatorException;
import org.jspecify.annotations.Nullable;

/** The call itself is wrong; nothing was run. Ends the program with status 2. */
final class UsageException extends OperatorException {

    private static final long serialVersionUID = 1L;

    UsageException(String message, @Nullable String hint) {
        super(message, hint);
    }
}
