package io.watchkeeper.postgres;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a failure means for the one question a retry asks: can the same work succeed later without anyone changing anything? */
public enum FailureClass {

    /** The link, the server's state or other sessions were in the way: worth another attempt. */
    RETRYABLE,

    /** A statement was cancelled, or the work was told to stop. */
    CANCELLED,

    /** It will fail the same way again. */
    PERMANENT;

    /** Classifies by the first failure in the chain of causes that says something definite; the default is {@link #PERMANENT}. */
    public static FailureClass of(Throwable failure) {
        List<Throwable> chain = chain(failure);
        for (Throwable one : chain) {
            if (one instanceof WorkCancelledException) {
                return CANCELLED;
            }
        }
        Optional<String> state = sqlState(failure);
        if (state.isPresent()) {
            return ofState(state.get());
        }
        for (Throwable one : chain) {
            if (one instanceof SQLTransientException || one instanceof IOException) {
                return RETRYABLE;
            }
        }
        return PERMANENT;
    }

    /** The SQLSTATE in the chain of causes, the one nearest to the server's own words. */
    public static Optional<String> sqlState(Throwable failure) {
        Optional<String> state = Optional.empty();
        for (Throwable one : chain(failure)) {
            // A pool's own exception repeats, or lacks, the state of the connection failure it was caused by.
            if (one instanceof SQLException sql && sql.getSQLState() != null) {
                state = Optional.of(sql.getSQLState());
            }
        }
        return state;
    }

    private static FailureClass ofState(String state) {
        if (state.equals(SqlStates.QUERY_CANCELED)) {
            return CANCELLED;
        }
        return SqlStates.isRetryable(state) ? RETRYABLE : PERMANENT;
    }

    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable one = failure; one != null && seen.add(one); one = one.getCause()) {
            chain.add(one);
        }
        return chain;
    }
}
