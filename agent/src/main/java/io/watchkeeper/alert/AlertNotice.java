package io.watchkeeper.alert;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver is told: that an alert is firing, or that it is over.
 *
 * @param since when it was raised first
 * @param resolvedAt when it was over; null while it is firing
 * @param firingUntil when a receiver that hears nothing more may take it as over; a firing alert is repeated well before
 */
public record AlertNotice(
        Alert alert, Instant since, @Nullable Instant resolvedAt, Instant firingUntil) {

    public boolean firing() {
        return resolvedAt == null;
    }
}
