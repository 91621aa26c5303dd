package io.watchkeeper.metrics;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the tenants of a metadata database stand.
 *
 * @param database as configured
 * @param tenants that are not suspended
 * @param failed of them, those whose newest proof has failed
 * @param unproven of them, those that were never proven
 * @param oldestProof the newest proof of the tenant whose newest proof is the oldest; null when none was ever proven
 */
public record TenantStanding(
        String database,
        int tenants,
        int failed,
        int unproven,
        @Nullable Instant oldestProof) {}
