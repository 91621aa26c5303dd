package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A plan that was held against both catalogues: it fits, and what is left to do is to do it.
 *
 * @param format binary or text
 * @param emptying how the target's rows go
 * @param mergeKey what tells rows apart, where they are merged
 * @param silent whether the target's triggers and foreign keys stay silent because the role may say so
 * @param triggersToDisable by hand, where the role may not but owns the table
 * @param chunking whether it goes in one transaction or in many
 * @param notes what an operator should know
 */
public record PreparedCopy(
        CopyPlan plan,
        TableShape source,
        TableShape target,
        List<CopiedColumn> columns,
        CopyFormat format,
        Emptying emptying,
        @Nullable MergeKey mergeKey,
        boolean silent,
        List<TableShape.Trigger> triggersToDisable,
        boolean sameEncoding,
        Chunking chunking,
        List<String> notes) {

    private static final long WORTH_REBUILDING = 20_000;

    /** How the target's old rows go. */
    public enum Emptying {
        /** They stay. */
        NONE,
        TRUNCATE,
        /** Row by row, because other tables refer to this one and TRUNCATE would want them emptied too. */
        DELETE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What rows are read from, one after the other: the table, or a partitioned table's partitions. */
    public List<TableName> sourceRelations() {
        if (!source.isPartitioned()) {
            return List.of(source.name());
        }
        List<TableName> relations = new ArrayList<>();
        for (TableShape.Leaf leaf : source.leaves()) {
            if (leaf.kind() == TableShape.Kind.TABLE) {
                relations.add(leaf.name());
            }
        }
        return relations;
    }

    /** The same into a new table of the target's columns. */
    public PreparedCopy into(TableName standIn) {
        return new PreparedCopy(
                plan,
                source,
                target.named(standIn),
                columns,
                format,
                Emptying.TRUNCATE,
                null,
                silent,
                triggersToDisable,
                sameEncoding,
                chunking,
                notes);
    }

    /** The same, of a target with columns that the copy has nothing to do with. */
    public PreparedCopy withTarget(TableShape whole) {
        return new PreparedCopy(
                plan,
                source,
                whole,
                columns,
                format,
                emptying,
                mergeKey,
                silent,
                triggersToDisable,
                sameEncoding,
                chunking,
                notes);
    }

    public PreparedCopy withNotes(List<String> said) {
        return new PreparedCopy(
                plan,
                source,
                target,
                columns,
                format,
                emptying,
                mergeKey,
                silent,
                triggersToDisable,
                sameEncoding,
                chunking,
                List.copyOf(said));
    }

    /** Whether no row that the target's table has now is left afterwards. */
    public boolean replacesAll() {
        return emptying != Emptying.NONE || isSwap();
    }

    /** Whether a new table is filled, and then put into the target's place. */
    public boolean isSwap() {
        return isSwap(plan.options());
    }

    public static boolean isSwap(CopyOptions options) {
        return options.strategy() == CopyStrategy.SWAP
                || (options.strategy() == CopyStrategy.PARTITION && options.partition() != null);
    }

    /** Whether autovacuum is kept away from the table while it is filled. Where nobody else can see the rows, it is not there anyway. */
    public boolean suspendsAutovacuum() {
        return plan.options().suspendAutovacuum() && !isOutOfReach(plan.options(), emptying, chunking);
    }

    /** Whether the rows are nobody else's to see, or the table is locked, until all is done. */
    public static boolean isOutOfReach(CopyOptions options, Emptying emptying, Chunking chunking) {
        return chunking == Chunking.NONE && (emptying == Emptying.TRUNCATE || isSwap(options));
    }

    /** Whether the transaction that fills the target's table has emptied it by TRUNCATE, so that nobody else can see into it. */
    public boolean isFilledAnew() {
        return emptying == Emptying.TRUNCATE && !target.isPartitioned();
    }

    /** Whether the target's indexes are taken away for the load. For few rows that is more work than it saves. */
    public boolean rebuildsIndexes() {
        // Unknown (-1) are mostly the small tables that nobody ever analyzed.
        boolean worthIt = source.estimatedRows() >= WORTH_REBUILDING;
        // A statement on a table with trigger events still to come is refused.
        boolean quiet =
                silent || (target.foreignKeys().isEmpty() && target.triggers().isEmpty());
        return quiet
                && isFilledAnew()
                && target.owned()
                && !target.partition()
                && (plan.options().rebuildIndexes() == null
                        ? worthIt
                        : plan.options().rebuildIndexes());
    }

    /** Whether names of tables, types or functions travel as text, which must be full names then. */
    public boolean holdsObjectNames() {
        return columns.stream()
                .anyMatch(column -> column.from().withoutDomains().name().startsWith("reg"));
    }

    public List<String> columnNames() {
        return columns.stream().map(CopiedColumn::name).toList();
    }

    public CopiedColumn column(String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name + " is not copied"));
    }

    /** The columns that tell the source's rows apart; empty when there are none. */
    public List<String> key() {
        return key(source, columns);
    }

    /** The primary key, else a unique constraint without nulls; all of it copied. */
    public static List<String> key(TableShape source, List<CopiedColumn> columns) {
        List<String> copied = columns.stream().map(CopiedColumn::name).toList();
        return source.keys().stream()
                .map(TableShape.Key::columns)
                .filter(copied::containsAll)
                .filter(key -> key.stream()
                        .allMatch(c ->
                                source.column(c).map(TableShape.Column::notNull).orElse(false)))
                .findFirst()
                .orElse(List.of());
    }
}
