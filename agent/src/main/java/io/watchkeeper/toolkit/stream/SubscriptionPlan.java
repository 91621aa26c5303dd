package io.watchkeeper.toolkit.stream;

import org.jspecify.annotations.Nullable;

/**
 * What a database is to subscribe to.
 *
 * @param name of the subscription
 * @param publication of the source
 * @param handover whether tables that have rows already are brought up to date by a last round of polling, after which the stream
 *     goes on without a copy; else the tables must be empty, and the server copies them
 * @param sourceAddress where the target's server finds the source's, as {@code host:port}, when that is not where the agent
 *     does; else null
 * @param retriesErrors whether a change that cannot be applied is tried again for ever; else it disables the subscription, where the
 *     server can do that (PostgreSQL 15)
 */
public record SubscriptionPlan(
        String name,
        String publication,
        boolean handover,
        @Nullable String sourceAddress,
        boolean retriesErrors) {

    public static SubscriptionPlan of(String name, String publication) {
        return new SubscriptionPlan(name, publication, false, null, false);
    }

    public SubscriptionPlan withHandover(boolean newHandover) {
        return new SubscriptionPlan(name, publication, newHandover, sourceAddress, retriesErrors);
    }
}
