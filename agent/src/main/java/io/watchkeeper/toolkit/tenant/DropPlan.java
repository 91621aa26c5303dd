package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.problem.OperatorException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A tenant that is to be archived and removed.
 *
 * @param confirm a person's word: the id once more; null when nobody has said so, which does for a dry run only
 * @param gentleness of what is removed
 * @param lockTimeout how long one attempt waits for a lock
 * @param attempts before it is given up
 */
public record DropPlan(
        TenantId tenant, @Nullable String confirm, Gentleness gentleness, Duration lockTimeout, int attempts) {

    /** @throws OperatorException when something of it cannot be meant */
    public DropPlan {
        TenantTransaction.check(lockTimeout, attempts);
    }

    /** With the usual patience. @throws OperatorException when something of it cannot be meant */
    public static DropPlan of(String id, @Nullable String confirm, Gentleness gentleness) {
        return new DropPlan(new TenantId(id), confirm, gentleness, TenantWish.LOCK_TIMEOUT, TenantWish.ATTEMPTS);
    }

    /** @throws OperatorException when nobody has said that it is meant */
    void requireConfirmed() {
        if (!tenant.text().equals(confirm)) {
            throw new OperatorException(
                    "tenant '" + tenant + "' is not dropped: "
                            + (confirm == null ? "nobody has confirmed it" : "'" + confirm + "' is another name"),
                    "a dry run shows what would go; then say confirm '" + tenant + "' (--confirm " + tenant + ").");
        }
    }
}
