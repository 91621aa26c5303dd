package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.problem.OperatorException;
import org.jspecify.annotations.Nullable;

/** Something of that name is there already. */
public final class TenantTaken extends OperatorException {

    private static final long serialVersionUID = 1L;

    TenantTaken(String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }
}
