package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;

/** A table that is not polled, because a subscription writes to it. */
public final class StreamedTableException extends OperatorException {

    private static final long serialVersionUID = 1L;

    private final String subscription;

    StreamedTableException(String database, TableName table, String subscription) {
        super(
                table + " in database '" + database + "' is streamed by subscription " + subscription
                        + ", and a round of polling would be in its way",
                "mode stream looks after it; provisionSubscription with handBack true gives it back to polling.");
        this.subscription = subscription;
    }

    public String subscription() {
        return subscription;
    }
}
