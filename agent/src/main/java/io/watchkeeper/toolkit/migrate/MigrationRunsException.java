package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.problem.OperatorException;
import org.jspecify.annotations.Nullable;

/** Somebody else migrates the database at this moment. */
public final class MigrationRunsException extends OperatorException {

    private static final long serialVersionUID = 1L;

    MigrationRunsException(String message, @Nullable String hint) {
        super(message, hint);
    }
}
