package io.watchkeeper.doctor;

import io.watchkeeper.audit.AuditVerdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the audit trail was found.
 *
 * @param verdict of reading all of it, just now
 * @param oldest when its oldest entry was made; null for an empty one
 * @param bytes that its entries take in the store
 * @param anchoredAt when the anchor beside the store was written; null for none
 * @param keep older entries are cut off; null for never
 */
public record AuditSummary(
        AuditVerdict verdict,
        @Nullable Instant oldest,
        long bytes,
        @Nullable Instant anchoredAt,
        @Nullable Duration keep) {}
