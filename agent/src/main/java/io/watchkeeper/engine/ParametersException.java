package io.watchkeeper.engine;

import io.watchkeeper.problem.OperatorException;

/** The caller's parameters do not fit those the runbook declares; nothing was run. */
public final class ParametersException extends OperatorException {

    private static final long serialVersionUID = 1L;

    ParametersException(String message, String hint) {
        super(message, hint);
    }
}
