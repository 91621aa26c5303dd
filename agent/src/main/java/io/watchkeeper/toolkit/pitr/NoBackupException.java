package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.problem.OperatorException;
import org.jspecify.annotations.Nullable;

/** There is no base backup to restore at all. */
public final class NoBackupException extends OperatorException {

    private static final long serialVersionUID = 1L;

    public NoBackupException(String message, @Nullable String hint) {
        super(message, hint);
    }
}
