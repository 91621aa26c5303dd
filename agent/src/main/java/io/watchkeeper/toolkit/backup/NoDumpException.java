package io.watchkeeper.toolkit.backup;

import io.watchkeeper.problem.OperatorException;
import org.jspecify.annotations.Nullable;

/** There is no dump to restore, at least not yet. */
public final class NoDumpException extends OperatorException {

    private static final long serialVersionUID = 1L;

    NoDumpException(String message, @Nullable String hint) {
        super(message, hint);
    }
}
