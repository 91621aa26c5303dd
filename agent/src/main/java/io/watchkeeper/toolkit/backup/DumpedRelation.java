package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.watchkeeper.postgres.TableName;
import org.jspecify.annotations.Nullable;

/**
 * A table or what is like one, as it was in the dump's snapshot.
 *
 * @param oid by which the archive's table of contents knows it
 * @param kind as in pg_class: {@code r} table, {@code p} partitioned, {@code v} view, {@code m} materialised, {@code f} foreign,
 *     {@code S} sequence
 * @param bytes without indexes
 * @param parent the oid of the partitioned table it is a partition of; null for none
 * @param rows whether its rows are in the dump
 * @param digest of its rows; null when they were not digested
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record DumpedRelation(
        long oid,
        String schema,
        String name,
        String kind,
        long bytes,
        @Nullable Long parent,
        boolean rows,
        @Nullable TableDigest digest) {

    public TableName tableName() {
        return new TableName(schema, name);
    }

    DumpedRelation withDigest(TableDigest found) {
        return new DumpedRelation(oid, schema, name, kind, bytes, parent, rows, found);
    }
}
