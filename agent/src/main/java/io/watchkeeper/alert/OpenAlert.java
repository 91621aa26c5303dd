package io.watchkeeper.alert;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An alert as the ledger remembers it, until every receiver knows that it is over.
 *
 * @param alert with the text it was last raised with
 * @param openedAt when it was raised first since it was last resolved
 * @param raisedAt when it was raised last, sent or not
 * @param sentAt when the receivers were last told
 * @param unreached names of the receivers that still have to hear what was last said, because they could not be reached
 * @param resolvedAt when it was over; null while it is firing. A resolved alert stays in the ledger only as long as a receiver
 *     is unreached
 */
public record OpenAlert(
        Alert alert,
        Instant openedAt,
        Instant raisedAt,
        Instant sentAt,
        Set<String> unreached,
        @Nullable Instant resolvedAt) {
    public OpenAlert {
        unreached = Set.copyOf(unreached);
    }

    /** What the ledger files it under: see {@link Alert#key}. */
    public String key() {
        return alert.key();
    }

    public boolean firing() {
        return resolvedAt == null;
    }
}
