package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;

/** A table that nobody else writes to, because a subscription does. */
public final class StreamedTableException extends OperatorException {

    private static final long serialVersionUID = 1L;

    private final String subscription;

    StreamedTableException(String database, TableName table, String subscription) {
        super(
                table + " in database '" + database + "' is streamed by subscription " + subscription
                        + ", and rows that others bring would be in its way",
                "mode stream looks after it; provisionSubscription with handBack true gives it back to polling.");
        this.subscription = subscription;
    }

    public String subscription() {
        return subscription;
    }
}
