package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings rows into a temporary table, and from there into the target by their key: new ones are added, those that differ are
 * changed, and those that are the same are not touched at all. Everything in the transaction that calls it; the temporary table
 * goes with it.
 *
 * <p>Rows are compared byte by byte, so that 1.0 and 1.00 differ and types without equality are no special case.
 */
public final class MergeLoad {

    private static final String USUAL_NAME = "watchkeeper_merge";

    /** Types whose equal values are the same in every byte: a key of them need not be written again. */
    private static final Set<String> EXACT =
            Set.of("bool", "int2", "int4", "int8", "oid", "uuid", "date", "timestamp", "timestamptz");

    private final PreparedCopy copy;
    private final String name;
    private final MergeKey key;
    private final @Nullable WrittenBeside beside;
    private long removed;

    public MergeLoad(PreparedCopy copy) {
        this(copy, USUAL_NAME);
    }

    /** @param name of the temporary table, for a transaction that merges several */
    public MergeLoad(PreparedCopy copy, String name) {
        this(copy, name, null);
    }

    /** @param beside a column that the rows do not have on the source; null for none */
    public MergeLoad(PreparedCopy copy, String name, @Nullable WrittenBeside beside) {
        this.beside = beside;
        this.copy = copy;
        this.name = name;
        this.key = Objects.requireNonNull(copy.mergeKey(), "not a merge");
    }

    /** The temporary table, as SQL names it. */
    public String staging() {
        return "pg_temp." + name;
    }

    /** A table of the copied columns, in the target's types. A row without a key is refused as soon as it comes. */
    public List<String> createStaging() {
        String notNull = key.columns().stream()
                .map(column -> "ALTER " + Identifiers.quote(column) + " SET NOT NULL")
                .collect(Collectors.joining(", "));
        return List.of(
                "CREATE TEMP TABLE " + name + " ON COMMIT DROP AS SELECT " + written("") + " FROM "
                        + copy.target().quotedAlone() + " WITH NO DATA",
                "ALTER TABLE " + staging() + " " + notNull);
    }

    public String copyIn() {
        return "COPY " + staging() + " (" + written("") + ") FROM STDIN (FORMAT " + copy.format() + ", FREEZE)";
    }

    /** What must be known of the rows before they are merged: that no key comes twice, and how many there are. */
    public List<String> indexStaging() {
        return List.of(
                "CREATE UNIQUE INDEX ON " + staging() + " (" + Identifiers.quoteAll(key.columns()) + ")",
                "ANALYZE " + staging());
    }

    /** What makes room for the rows; the last statement is {@link #merge}. */
    public List<String> makeRoom() {
        if (!key.byDelete()) {
            return List.of();
        }
        String target = copy.target().quotedAlone();
        return List.of(
                "LOCK TABLE " + target + " IN SHARE ROW EXCLUSIVE MODE",
                "DELETE FROM " + target + " t USING " + staging() + " s WHERE " + key.equal("t", "s") + " AND "
                        + row("t.") + " *<> " + row("s."));
    }

    /** Adds and changes rows; what it counts is rows written. */
    public String merge() {
        String target = copy.target().quotedAlone();
        String same = "SELECT FROM " + target + " t WHERE " + key.equal("t", "s")
                + (key.byDelete() ? "" : " AND " + row("t.") + " *= " + row("s."));
        return "INSERT INTO " + copy.target().name().quoted() + " (" + written("") + ") OVERRIDING SYSTEM VALUE SELECT "
                + written("s.") + " FROM " + staging() + " s WHERE NOT EXISTS (" + same + ")"
                + (key.byDelete() ? "" : onConflict());
    }

    private String onConflict() {
        String changes = copy.columns().stream()
                .filter(column -> !isFixed(column))
                .map(column -> Identifiers.quote(column.name()))
                .map(name -> name + " = excluded." + name)
                .collect(Collectors.joining(", "));
        if (beside != null && !changes.isEmpty()) {
            changes += ", " + beside.column() + " = " + (beside.brought() ? "excluded." + beside.column() : "NULL");
        }
        return " ON CONFLICT (" + Identifiers.quoteAll(key.columns()) + ") DO "
                + (changes.isEmpty() ? "NOTHING" : "UPDATE SET " + changes);
    }

    private boolean isFixed(CopiedColumn column) {
        boolean exact = column.to().builtIn() && EXACT.contains(column.to().name());
        boolean identity = copy.target()
                .column(column.name())
                .map(there -> there.identity() == TableShape.Identity.ALWAYS)
                .orElse(false);
        return key.columns().contains(column.name()) && (exact || identity);
    }

    /** Count and checksum of the target's rows that have a key of the merge. */
    public String digest() {
        String keys = Identifiers.quoteAll(key.columns());
        return CopySql.targetDigest(copy, "(" + keys + ") IN (SELECT " + keys + " FROM " + staging() + ")");
    }

    public String dropStaging() {
        return "DROP TABLE " + staging();
    }

    /**
     * Merges the rows that are in the temporary table.
     *
     * @return how many were added or changed
     */
    public long apply(Session target) throws SQLException {
        try {
            target.runVerbatim(String.join("; ", indexStaging()));
        } catch (SQLException e) {
            if ("23505".equals(e.getSQLState())) {
                throw doubled(e);
            }
            throw e;
        }
        if (!makeRoom().isEmpty()) {
            removed = target.update(String.join("; ", makeRoom()));
        }
        return target.updateVerbatim(merge());
    }

    /** How many rows {@link #apply} has deleted to write them anew. */
    public long removed() {
        return removed;
    }

    private OperatorException doubled(SQLException e) {
        return new OperatorException(
                "rows of " + copy.source().name() + " have the same "
                        + Identifiers.quoteAll(key.columns()) + ", by which they are merged into "
                        + copy.target().name() + "; the target was left as it was: " + CopyFailure.words(e),
                "name columns that are different in every row: key 'column', 'column'.",
                e);
    }

    /** What rows come with, as a list. */
    public String written(String prefix) {
        return columns(prefix) + (beside != null && beside.brought() ? ", " + prefix + beside.column() : "");
    }

    private String columns(String prefix) {
        return copy.columns().stream()
                .map(column -> prefix + Identifiers.quote(column.name()))
                .collect(Collectors.joining(", "));
    }

    /** Cast, because two row constructors would be compared column by column, with operators that only whole rows have. */
    private String row(String prefix) {
        return "ROW(" + columns(prefix) + ")::record";
    }
}
