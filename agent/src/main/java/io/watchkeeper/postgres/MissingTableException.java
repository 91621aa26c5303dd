package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;

/** A table that is not there. */
public final class MissingTableException extends OperatorException {

    private static final long serialVersionUID = 1L;

    private final String database;

    MissingTableException(String database, String message, String hint) {
        super(message, hint);
        this.database = database;
    }

    /** Where it was looked for: the name in the configuration. */
    public String database() {
        return database;
    }
}
