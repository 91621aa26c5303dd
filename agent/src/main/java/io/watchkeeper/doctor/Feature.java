package io.watchkeeper.doctor;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the agent can be asked to do with a database, each with the rights it takes and no more. docs/security-grants.md says why. */
public enum Feature {
    CHECKS(Right.MONITOR),
    COPY_SOURCE(Right.SCHEMAS, Right.READ_TABLES, Right.IDENTIFY),
    COPY_TARGET(
            Right.SCHEMAS,
            Right.REPLACE_ROWS,
            Right.SEQUENCES,
            Right.RECORDS,
            Right.TEMPORARY,
            Right.SILENT_TRIGGERS,
            Right.IDENTIFY),
    SYNC_SOURCE(Right.MONITOR, Right.SCHEMAS, Right.READ_TABLES, Right.IDENTIFY),
    SYNC_TARGET(
            Right.MONITOR,
            Right.SCHEMAS,
            Right.WRITE_ROWS,
            Right.SEQUENCES,
            Right.RECORDS,
            Right.TEMPORARY,
            Right.SILENT_TRIGGERS,
            Right.IDENTIFY),
    DUMP(Right.READ_ALL, Right.PASS_ROW_SECURITY),
    BASE_BACKUP(Right.REPLICATION, Right.STATISTICS),
    STREAM_SOURCE(
            Right.REPLICATION,
            Right.CREATE_IN_DATABASE,
            Right.SCHEMAS,
            Right.READ_TABLES,
            Right.OWN_TABLES,
            Right.RESET_SLOT_STATISTICS),
    STREAM_TARGET(
            Right.SUBSCRIBE,
            Right.CREATE_IN_DATABASE,
            Right.SCHEMAS,
            Right.WRITE_ROWS,
            Right.SEQUENCES,
            Right.RECORDS,
            Right.APPLY_AS_OWNERS,
            Right.ORIGIN_PROGRESS),
    VACUUM(Right.MONITOR, Right.SCHEMAS, Right.MAINTAIN),
    REINDEX(Right.MONITOR, Right.SCHEMAS, Right.RECORDS, Right.REINDEX_TABLES),
    PARTITIONS(Right.MONITOR, Right.OWN_PARTITIONED, Right.CREATE_WHERE_PARTITIONED, Right.RECORDS),
    TENANTS(
            Right.CREATE_ROLES,
            Right.GIVE_GROUPS,
            Right.CREATE_IN_DATABASE,
            Right.RECORDS,
            Right.TENANTS_TABLE,
            Right.OWN_SHARED,
            Right.PASS_SHARED,
            Right.GIVE_SCHEMAS,
            Right.TEMPLATE),
    MIGRATIONS(
            Right.MONITOR,
            Right.CREATE_IN_DATABASE,
            Right.CREATE_IN_SCHEMAS,
            Right.OWN_MIGRATED,
            Right.PASS_FORCED,
            Right.REGISTRY);

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<Right> rights;

    Feature(Right... rights) {
        this.rights = List.of(rights);
    }

    List<Right> rights() {
        return rights;
    }

    /** As the command line and the document call it: {@code sync-source}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<Feature> of(String word) {
        return Arrays.stream(values()).filter(f -> f.word().equals(word)).findFirst();
    }

    public static List<String> words() {
        return Arrays.stream(values()).map(Feature::word).toList();
    }
}
