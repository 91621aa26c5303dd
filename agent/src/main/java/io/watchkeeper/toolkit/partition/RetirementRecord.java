package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.TableName;
import org.jspecify.annotations.Nullable;

/**
 * A partition that is on its way out.
 *
 * @param oid of its table, by which it is known even if another one gets its name
 * @param bound it had, as {@code pg_get_expr} wrote it
 * @param action what was meant to become of it
 * @param archive by which the archive knows it; null when it is not written and compared yet
 */
record RetirementRecord(
        long oid,
        TableName name,
        TableName parent,
        String bound,
        Retention action,
        @Nullable String archive) {

    RetirementRecord withArchive(@Nullable String id) {
        return new RetirementRecord(oid, name, parent, bound, action, id);
    }
}
