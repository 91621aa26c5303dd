package io.watchkeeper.audit;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the record stands.
 *
 * @param head its newest entry; null when it has none
 * @param recorded how many entries this process has made
 * @param checkedTo up to which entry this process has found it whole
 * @param checkedAt when it last looked; null for not yet
 * @param damage what it found wrong first; null for nothing
 */
public record AuditState(
        @Nullable Anchor head,
        long recorded,
        long checkedTo,
        @Nullable Instant checkedAt,
        @Nullable AuditDamage damage) {

    /** Of a process that keeps no record. */
    public static final AuditState NONE = new AuditState(null, 0, 0, null, null);

    /** The position of the newest entry, 0 for none. */
    public long position() {
        return Optional.ofNullable(head).map(Anchor::position).orElse(0L);
    }
}
