package io.watchkeeper.toolkit.standby;

import io.watchkeeper.problem.OperatorException;

/** The standby needs log that its primary has removed: nothing but another copy brings it back. */
final class LogGoneException extends OperatorException {

    private static final long serialVersionUID = 1L;

    LogGoneException(String message, String hint) {
        super(message, hint);
    }
}
