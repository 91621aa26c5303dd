package io.watchkeeper.toolkit.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.ColumnType;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes single rows so that doing it twice does no harm: an insert that leaves a row alone that is there already, and an update that
 * changes only what is still as it was read. Names are checked against the table and quoted, values are bound.
 */
public final class RowWriter {

    /** By which an update knows whether somebody was there before it. */
    public static final String VERSION = "row_ver";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> WHOLE_NUMBERS = Set.of("int2", "int4", "int8");

    private final Database database;
    private final Work work;

    public RowWriter(Database database, Work work) {
        this.database = database;
        this.work = work;
    }

    /** A statement with its values. */
    private record Statement(String sql, List<@Nullable Object> values) {
        Object[] params() {
            return values.toArray();
        }
    }

    /**
     * Inserts a row, unless one with the same key is there.
     *
     * @param values by column
     * @throws OperatorException when the values hold no whole key, so that the row would come twice
     */
    public InsertResult insertOnce(TableName table, Map<String, ? extends @Nullable Object> values)
            throws SQLException {
        long start = System.nanoTime();
        try (Session session = database.open(work)) {
            Statement insert = insert(TableShape.read(session, table), values);
            long rows = session.update(insert.sql(), insert.params());
            return new InsertResult(database.name(), table, rows, since(start));
        }
    }

    /** What {@link #insertOnce} would do. Changes nothing. */
    public List<PlannedAction> describeInsert(TableName table, Map<String, ? extends @Nullable Object> values)
            throws SQLException {
        try (Session session = database.open(work)) {
            return List.of(planned(insert(TableShape.read(session, table), values), "nothing where the row is there"));
        }
    }

    /**
     * Changes a row if its {@value #VERSION} is still the one that was read, and counts that up.
     *
     * @param key by which there is one row at most
     * @throws OperatorException when the table has no such column, or the key may mean several rows
     */
    public VersionedUpdate updateVersioned(
            TableName table,
            Map<String, ? extends @Nullable Object> key,
            long version,
            Map<String, ? extends @Nullable Object> changes)
            throws SQLException {
        long start = System.nanoTime();
        try (Session session = database.open(work)) {
            TableShape shape = TableShape.read(session, table);
            Statement update = update(shape, key, version, changes);
            List<Long> written = session.list(update.sql(), row -> row.getLong(1), update.params());
            if (!written.isEmpty()) {
                return result(table, VersionedUpdate.State.UPDATED, written.get(0), start);
            }
            List<Long> there = session.list(
                    "SELECT coalesce(" + VERSION + ", -1) FROM " + table.quoted() + " WHERE " + equals(key.keySet()),
                    row -> row.getLong(1),
                    values(shape, key).toArray());
            if (there.isEmpty()) {
                return result(table, VersionedUpdate.State.MISSING, null, start);
            }
            Long present = there.get(0) < 0 ? null : there.get(0);
            if (present != null && present == version) {
                throw new OperatorException(
                        "the row of " + table + " has " + VERSION + " " + version + " and was not changed all the same",
                        "a trigger or row security keeps it as it is; look at them with \\d+ in psql.");
            }
            return result(table, VersionedUpdate.State.CONFLICT, present, start);
        }
    }

    /** What {@link #updateVersioned} would do. Changes nothing. */
    public List<PlannedAction> describeUpdate(
            TableName table,
            Map<String, ? extends @Nullable Object> key,
            long version,
            Map<String, ? extends @Nullable Object> changes)
            throws SQLException {
        try (Session session = database.open(work)) {
            Statement update = update(TableShape.read(session, table), key, version, changes);
            return List.of(planned(update, "nothing where the row has another " + VERSION));
        }
    }

    private VersionedUpdate result(
            TableName table, VersionedUpdate.State state, @Nullable Long version, long startNanos) {
        return new VersionedUpdate(database.name(), table, state, version, since(startNanos));
    }

    private static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    private PlannedAction planned(Statement statement, String note) {
        return new PlannedAction(database.name(), statement.sql(), LockLevel.ROW_EXCLUSIVE, 1, -1, note);
    }

    private static Statement insert(TableShape shape, Map<String, ? extends @Nullable Object> values) {
        requireSome(shape, values, "a row");
        if (!isKey(shape, values)) {
            throw new OperatorException(
                    "the values for " + shape.name() + " hold no whole key (" + keys(shape)
                            + "), so that the same row could come twice",
                    shape.uniqueIndexes().isEmpty()
                            ? "ALTER TABLE " + shape.name().quoted() + " ADD PRIMARY KEY (…);"
                            : "give all columns of one of them, for example id: ulid().");
        }
        String places =
                String.join(", ", values.keySet().stream().map(any -> "?").toList());
        return new Statement(
                "INSERT INTO " + shape.name().quoted() + " (" + Identifiers.quoteAll(values.keySet()) + ") VALUES ("
                        + places + ") ON CONFLICT DO NOTHING",
                values(shape, values));
    }

    private static Statement update(
            TableShape shape,
            Map<String, ? extends @Nullable Object> key,
            long version,
            Map<String, ? extends @Nullable Object> changes) {
        requireVersion(shape);
        requireSome(shape, key, "a key");
        requireSome(shape, changes, "changes");
        if (changes.containsKey(VERSION) || key.containsKey(VERSION)) {
            throw new OperatorException(
                    VERSION + " of " + shape.name() + " is counted up by updateVersioned itself",
                    "leave it out of the maps.");
        }
        if (!isKey(shape, key)) {
            throw new OperatorException(
                    "(" + Identifiers.quoteAll(key.keySet()) + ") may mean several rows of " + shape.name() + " ("
                            + keys(shape) + ")",
                    "name the row by all columns of a key, none of them null.");
        }
        String set = changes.keySet().stream()
                .map(column -> Identifiers.quote(column) + " = ?")
                .collect(Collectors.joining(", "));
        List<@Nullable Object> values = new ArrayList<>(values(shape, changes));
        values.addAll(values(shape, key));
        values.add(version);
        return new Statement(
                "UPDATE " + shape.name().quoted() + " SET " + set + ", " + VERSION + " = " + VERSION + " + 1 WHERE "
                        + equals(key.keySet()) + " AND " + VERSION + " = ? RETURNING " + VERSION,
                values);
    }

    private static String equals(Collection<String> columns) {
        return columns.stream()
                .map(column -> Identifiers.quote(column) + " = ?")
                .collect(Collectors.joining(" AND "));
    }

    private static void requireVersion(TableShape shape) {
        ColumnType type = shape.column(VERSION)
                .map(TableShape.Column::type)
                .map(ColumnType::withoutDomains)
                .orElse(null);
        if (type == null) {
            throw new OperatorException(
                    "table " + shape.name() + " has no column " + VERSION
                            + ", by which an update knows whether somebody was there before it",
                    "ALTER TABLE " + shape.name().quoted() + " ADD COLUMN " + VERSION
                            + " bigint NOT NULL DEFAULT 0; -- a moment's lock, no row is rewritten");
        }
        if (!WHOLE_NUMBERS.contains(type.name())) {
            throw new OperatorException(
                    "column " + VERSION + " of " + shape.name() + " is " + type.text() + ", which does not count",
                    "it is to be a bigint.");
        }
    }

    private static void requireSome(TableShape shape, Map<String, ? extends @Nullable Object> values, String what) {
        if (values.isEmpty()) {
            throw new OperatorException(
                    what + " for " + shape.name() + " without a column", "write a map: [id: '…', state: 'open'].");
        }
        List<String> columns =
                shape.columns().stream().map(TableShape.Column::name).toList();
        for (String name : values.keySet()) {
            if (!columns.contains(name)) {
                throw new OperatorException(
                        "table " + shape.name() + " has no column '" + name + "'",
                        Suggestion.didYouMean(name, columns) + "it has: " + String.join(", ", columns) + ".");
            }
        }
    }

    /** Whether the values name at most one row: a null equals nothing. */
    private static boolean isKey(TableShape shape, Map<String, ? extends @Nullable Object> values) {
        return shape.uniqueIndexes().stream()
                .anyMatch(index -> index.whole()
                        && index.immediate()
                        && index.columns().stream().allMatch(column -> values.get(column) != null));
    }

    private static String keys(TableShape shape) {
        String keys = shape.uniqueIndexes().stream()
                .filter(index -> index.whole() && index.immediate())
                .map(index -> "(" + Identifiers.quoteAll(index.columns()) + ")")
                .collect(Collectors.joining(" or "));
        return keys.isEmpty() ? "it has none" : "it has " + keys;
    }

    private static List<@Nullable Object> values(TableShape shape, Map<String, ? extends @Nullable Object> values) {
        List<@Nullable Object> bound = new ArrayList<>();
        values.forEach((name, value) -> {
            boolean isJson = shape.column(name)
                    .map(column -> column.type().withoutDomains().name().startsWith("json"))
                    .orElse(false);
            boolean isTree = value instanceof Map || (isJson && value instanceof Collection);
            bound.add(isTree ? json(value) : value);
        });
        return bound;
    }

    private static String json(@Nullable Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new OperatorException("a value cannot be written as JSON: " + e.getOriginalMessage(), null, e);
        }
    }
}
