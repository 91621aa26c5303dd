package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What tells the rows of a merge apart, held against the target.
 *
 * @param columns of the key
 * @param byDelete whether changed rows are deleted and inserted anew, because updating them one after the other could meet values
 *     that another row is about to give up, or because PostgreSQL would not update them
 * @param index to make before the merge; null when the target has it
 */
public record MergeKey(
        List<String> columns, boolean byDelete, @Nullable MergeIndex index) {

    /** @throws OperatorException when there is no key to merge by, or rows could not be kept whole */
    public static MergeKey of(
            MergeBy wanted, List<CopiedColumn> copied, TableShape target, Database to, boolean silent) {
        return new Choice(wanted, copied, target, to, silent).make();
    }

    private record Choice(MergeBy wanted, List<CopiedColumn> copied, TableShape target, Database to, boolean silent) {

        MergeKey make() {
            List<String> columns = columns();
            requireCopied(columns);
            Set<String> key = Set.copyOf(columns);
            List<TableShape.UniqueIndex> ofKey = target.uniqueIndexes().stream()
                    .filter(index -> index.whole() && key.equals(new HashSet<>(index.columns())))
                    .toList();
            MergeIndex missing = ofKey.isEmpty() ? missing(columns) : null;
            boolean immediate = missing != null || ofKey.stream().anyMatch(TableShape.UniqueIndex::immediate);
            boolean onlyOne = ofKey.size() == target.uniqueIndexes().size();
            boolean byDelete = !immediate || !onlyOne || hasFixedColumns(key);
            if (byDelete) {
                requireAllColumns();
                requireNoCascade();
            }
            return new MergeKey(columns, byDelete, missing);
        }

        private List<String> columns() {
            if (!wanted.columns().isEmpty()) {
                return wanted.columns();
            }
            if (target.primaryKey().isEmpty()) {
                List<String> candidates = target.uniqueIndexes().stream()
                        .filter(TableShape.UniqueIndex::whole)
                        .map(index -> "key '" + String.join("', '", index.columns()) + "'")
                        .distinct()
                        .toList();
                throw new OperatorException(
                        target.name() + " in database '" + to.name()
                                + "' has no primary key, and a merge must tell rows apart",
                        candidates.isEmpty()
                                ? "give it one, or name the columns that are different in every row:"
                                        + " key 'column'; or use strategy truncate, which needs none."
                                : "name the columns that are different in every row: " + String.join(" or ", candidates)
                                        + ".");
            }
            return target.primaryKey();
        }

        private void requireCopied(List<String> columns) {
            List<String> names = copied.stream().map(CopiedColumn::name).toList();
            for (String column : columns) {
                if (!names.contains(column)) {
                    throw new OperatorException(
                            "key column " + Identifiers.quote(column) + " of " + target.name() + " in database '"
                                    + to.name() + "' is not among the copied columns",
                            Suggestion.didYouMean(column, names) + "A merge by it needs its values: add it to columns,"
                                    + " or name another key.");
                }
            }
        }

        private MergeIndex missing(List<String> columns) {
            MergeIndex index = MergeIndex.named(target.name(), columns);
            String message = target.name() + " in database '" + to.name() + "' has no unique index over "
                    + Identifiers.quoteAll(columns) + ", by which a merge would find its rows";
            if (target.isPartitioned()) {
                throw new OperatorException(
                        message,
                        "CREATE UNIQUE INDEX ON " + target.name().quoted() + " (" + Identifiers.quoteAll(columns)
                                + "); which locks out writers while it works, and must hold the columns it is"
                                + " partitioned by.");
            }
            if (!wanted.createIndex()) {
                throw new OperatorException(message, index.create() + "; or have it made: createKeyIndex true.");
            }
            if (!target.owned()) {
                throw new OperatorException(
                        message + ", and role '" + to.settings().user()
                                + "', which does not own the table, cannot make one",
                        "as its owner: " + index.create() + ";");
            }
            return index;
        }

        /** PostgreSQL lets nobody update a column that is always generated as identity. */
        private boolean hasFixedColumns(Set<String> key) {
            Set<String> names = copied.stream().map(CopiedColumn::name).collect(Collectors.toSet());
            return target.columns().stream()
                    .anyMatch(column -> column.identity() == TableShape.Identity.ALWAYS
                            && names.contains(column.name())
                            && !key.contains(column.name()));
        }

        private void requireAllColumns() {
            Set<String> names = copied.stream().map(CopiedColumn::name).collect(Collectors.toSet());
            List<String> lost = target.columns().stream()
                    .filter(column -> !column.generated() && !names.contains(column.name()))
                    .map(TableShape.Column::name)
                    .toList();
            if (!lost.isEmpty()) {
                throw new OperatorException(
                        "a merge into " + target.name() + " in database '" + to.name()
                                + "' must delete and insert changed rows, because their key is not all that keeps rows"
                                + " apart there, and " + Identifiers.quoteAll(lost) + " would be lost, which "
                                + (lost.size() == 1 ? "is" : "are") + " not copied",
                        "copy all columns.");
            }
        }

        /** Where triggers may not be kept silent, a deleted row would take along, or be kept by, those that refer to it. */
        private void requireNoCascade() {
            if (silent) {
                return;
            }
            List<String> referring = Stream.concat(target.referencedBy().stream(), target.foreignKeys().stream())
                    .filter(foreign -> foreign.to().equals(target.name()))
                    .filter(foreign ->
                            !(foreign.deferrable() && foreign.onDelete().equals("a")))
                    .map(foreign -> foreign.from().toString())
                    .distinct()
                    .toList();
            if (!referring.isEmpty()) {
                throw new OperatorException(
                        "a merge into " + target.name() + " in database '" + to.name()
                                + "' must delete and insert changed rows, and rows of " + String.join(", ", referring)
                                + " refer to them",
                        "from PostgreSQL 15 on: GRANT SET ON PARAMETER session_replication_role TO "
                                + Identifiers.quote(to.settings().user()) + ";");
            }
        }
    }

    /** The key's columns of two tables, compared. */
    public String equal(String one, String other) {
        return columns.stream()
                .map(column -> one + "." + Identifiers.quote(column) + " = " + other + "." + Identifiers.quote(column))
                .collect(Collectors.joining(" AND "));
    }
}
