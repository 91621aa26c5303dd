package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.problem.OperatorException;
import org.jspecify.annotations.Nullable;

/** The plan has no such change or tag. */
public final class UnknownRevisionException extends OperatorException {

    private static final long serialVersionUID = 1L;

    UnknownRevisionException(String message, @Nullable String hint) {
        super(message, hint);
    }
}
