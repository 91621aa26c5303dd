package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A partitioned table that is no partition itself.
 *
 * @param strategy as in pg_partitioned_table: {@code r} range, {@code l} list, {@code h} hash
 * @param keys how many columns or expressions it is partitioned by
 * @param keyColumn null when it is partitioned by an expression
 * @param keyType as SQL writes it
 * @param owner the role that owns it
 * @param owned whether the role that is logged in may do what the owner may
 * @param mayCreate whether it may make tables in the schema
 * @param referenced whether foreign keys of other tables refer to it
 * @param partitions all of them, without their own partitions
 */
record PartitionedTable(
        long oid,
        TableName name,
        String strategy,
        int keys,
        @Nullable String keyColumn,
        String keyType,
        String owner,
        boolean owned,
        boolean mayCreate,
        boolean referenced,
        List<Partition> partitions) {

    PartitionedTable {
        partitions = List.copyOf(partitions);
    }

    PartitionedTable with(List<Partition> found) {
        return new PartitionedTable(
                oid, name, strategy, keys, keyColumn, keyType, owner, owned, mayCreate, referenced, found);
    }

    Optional<Partition> defaultPartition() {
        return partitions.stream().filter(Partition::isDefault).findFirst();
    }

    /** Those that are attached and hold a span of time. */
    List<Partition> ranges() {
        return partitions.stream().filter(p -> p.span() != null && !p.pending()).toList();
    }

    List<Span> spans() {
        return ranges().stream().map(p -> Objects.requireNonNull(p.span())).toList();
    }

    String column() {
        return Objects.requireNonNull(keyColumn);
    }

    /** @throws OperatorException when it is not partitioned by ranges of one column of dates or times */
    KeyType type() {
        if (!strategy.equals("r") || keys != 1 || keyColumn == null) {
            throw new OperatorException(
                    name + " is not partitioned by ranges of one column",
                    "partitions are looked after where the table is PARTITION BY RANGE of one column of type date, timestamp or"
                            + " timestamptz; leave it out of the pattern.");
        }
        return KeyType.of(keyType)
                .orElseThrow(() -> new OperatorException(
                        name + " is partitioned by " + keyColumn + ", which is of type " + keyType,
                        "partitions are looked after where the column is of type date, timestamp or timestamptz; leave it out of"
                                + " the pattern."));
    }
}
