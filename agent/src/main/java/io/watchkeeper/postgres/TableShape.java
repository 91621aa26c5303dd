package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table as one server's catalogue describes it.
 *
 * @param partition whether it is itself a partition of another table
 * @param estimatedRows by the server's statistics, over all partitions; -1 when it has none yet
 * @param estimatedBytes likewise, without indexes and TOAST
 * @param owned whether this role has the owner's rights
 * @param rowSecurity whether row security hides rows from this role
 * @param rights which of SELECT, INSERT, UPDATE, DELETE, TRUNCATE this role has
 * @param columns in order, without dropped ones
 * @param keys primary key and unique constraints
 * @param uniqueIndexes whatever keeps rows apart, constraints or not; of a partitioned table also what only single partitions have
 * @param unlogged whether a crash of the server empties it; of a partitioned table, any of its partitions
 * @param foreignKeys from this table to others, or to itself
 * @param referencedBy from other tables to this one
 * @param leaves of a partitioned table, in order
 * @param sequences that columns own or take their default from
 * @param triggers the users' own, as far as they are enabled
 */
public record TableShape(
        TableName name,
        Kind kind,
        boolean partition,
        boolean unlogged,
        long estimatedRows,
        long estimatedBytes,
        boolean owned,
        boolean rowSecurity,
        List<String> rights,
        List<Column> columns,
        List<Key> keys,
        List<UniqueIndex> uniqueIndexes,
        List<ForeignKey> foreignKeys,
        List<ForeignKey> referencedBy,
        List<Leaf> leaves,
        List<Sequence> sequences,
        List<Trigger> triggers) {

    /** What stands behind a name. */
    public enum Kind {
        TABLE("table"),
        PARTITIONED("partitioned table"),
        VIEW("view"),
        MATERIALIZED_VIEW("materialized view"),
        FOREIGN("foreign table"),
        OTHER("relation of another kind");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        static Kind of(String relkind) {
            return switch (relkind) {
                case "r" -> TABLE;
                case "p" -> PARTITIONED;
                case "v" -> VIEW;
                case "m" -> MATERIALIZED_VIEW;
                case "f" -> FOREIGN;
                default -> OTHER;
            };
        }

        public boolean holdsRows() {
            return this == TABLE || this == PARTITIONED;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** How a column gets its value by itself. */
    public enum Identity {
        NONE,
        BY_DEFAULT,
        ALWAYS
    }

    /**
     * A column.
     *
     * @param generated whether it is computed from others
     * @param hasDefault whether it gets a value by itself, computed ones included
     */
    public record Column(
            String name, ColumnType type, boolean notNull, boolean generated, Identity identity, boolean hasDefault) {}

    /** A primary key or unique constraint. */
    public record Key(String name, boolean primary, List<String> columns) {}

    /**
     * A unique index, or that of an exclusion constraint.
     *
     * @param columns without those that are only included
     * @param whole whether it is valid and keeps every two rows of the table apart by just these columns
     * @param immediate whether it is checked row by row, and not only at the end
     */
    public record UniqueIndex(String name, List<String> columns, boolean whole, boolean immediate) {}

    /**
     * A foreign key. A partition's is that of the partitioned table.
     *
     * @param onDelete what happens to referencing rows: a, r, c, n or d as in {@code pg_constraint.confdeltype}
     * @param readable whether this role may read both tables
     */
    public record ForeignKey(
            String name,
            TableName from,
            List<String> columns,
            TableName to,
            List<String> referenced,
            String onDelete,
            boolean deferrable,
            boolean fromPartitioned,
            boolean toPartitioned,
            boolean readable) {}

    /** A partition that holds rows, or a foreign table in its place. */
    public record Leaf(TableName name, Kind kind, long estimatedRows, long estimatedBytes) {}

    /**
     * A sequence a column takes its values from.
     *
     * @param ascending false when it counts down
     * @param settable whether this role may move it
     */
    public record Sequence(TableName name, String column, boolean ascending, boolean settable) {}

    /**
     * A trigger of the user's own.
     *
     * @param enabled O (origin), R (replica) or A (always) as in {@code pg_trigger.tgenabled}
     */
    public record Trigger(String name, String enabled) {}

    /** @throws OperatorException when there is no such table; with a hint at the nearest one */
    public static TableShape read(Session session, TableName name) throws SQLException {
        TableShape shape = TableCatalogue.read(session, List.of(name)).get(name);
        if (shape == null) {
            throw TableCatalogue.missing(session, name);
        }
        return shape;
    }

    /** The shapes by name; tables that do not exist are left out. */
    public static Map<TableName, TableShape> readAll(Session session, List<TableName> names) throws SQLException {
        return TableCatalogue.read(session, names);
    }

    /** The same under another name. */
    public TableShape named(TableName other) {
        return new TableShape(
                other,
                kind,
                partition,
                unlogged,
                estimatedRows,
                estimatedBytes,
                owned,
                rowSecurity,
                rights,
                columns,
                keys,
                uniqueIndexes,
                foreignKeys,
                referencedBy,
                leaves,
                sequences,
                triggers);
    }

    /** The same as if it did not have the column. */
    public TableShape without(String columnName) {
        return new TableShape(
                name,
                kind,
                partition,
                unlogged,
                estimatedRows,
                estimatedBytes,
                owned,
                rowSecurity,
                rights,
                columns.stream()
                        .filter(column -> !column.name().equals(columnName))
                        .toList(),
                keys,
                uniqueIndexes,
                foreignKeys,
                referencedBy,
                leaves,
                sequences,
                triggers);
    }

    public Optional<Column> column(String columnName) {
        return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
    }

    /** The primary key's columns; empty without one. */
    public List<String> primaryKey() {
        return keys.stream().filter(Key::primary).findFirst().map(Key::columns).orElse(List.of());
    }

    public boolean isPartitioned() {
        return kind == Kind.PARTITIONED;
    }

    public boolean may(String right) {
        return rights.contains(right);
    }

    /** {@code ONLY s.t} for an ordinary table, whose inheritance children are tables of their own; {@code s.t} for a partitioned one. */
    public String quotedAlone() {
        return (isPartitioned() ? "" : "ONLY ") + name.quoted();
    }
}
