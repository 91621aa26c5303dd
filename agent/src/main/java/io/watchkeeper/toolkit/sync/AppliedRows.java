package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.stream.Collectors;

/**
 * Looks whether what a round has asked of the target's table has happened: triggers and rules can change, drop or keep rows without an
 * error, rows without a key are found by nothing, and what the target takes for one key the source may have twice.
 */
final class AppliedRows {

    private final Session source;
    private final Session target;
    private final PreparedSync sync;
    private final Staging staging;

    AppliedRows(Session source, Session target, PreparedSync sync, Staging staging) {
        this.source = source;
        this.target = target;
        this.sync = sync;
        this.staging = staging;
    }

    /** @param willBe how many rows the target will have, where all that is missing or gone has been found */
    void requireCounts(long sourceRows, long willBe) {
        SyncOptions options = sync.options();
        boolean known = sourceRows >= 0
                && options.deletes()
                && options.where() == null
                && options.localEdits() != LocalEdits.KEEP;
        if (known && sourceRows != willBe) {
            throw new OperatorException(
                    sync.source().name() + " in database '" + source.database().name() + "' has " + sourceRows
                            + " rows, and " + sync.target().name() + " in '"
                            + target.database().name() + "' would have " + willBe
                            + ", as rows of the source have the same "
                            + Identifiers.quoteAll(sync.keyNames()) + " there; nothing was changed",
                    "name columns that are different in every row: key 'column', 'column'; or give both the same collation.");
        }
    }

    void requireDeleted(long gone, long deleted) {
        if (deleted != gone) {
            String rows = gone - deleted == 1 ? "1 row" : gone - deleted + " rows";
            throw new OperatorException(
                    rows + " of " + sync.target().name() + " in database '"
                            + target.database().name() + "' could not be deleted: a trigger or rule keeps them, or "
                            + Identifiers.quoteAll(sync.keyNames()) + " is null in them; the target was left as it was",
                    "disable the trigger, or delete the rows without a key there.");
        }
    }

    /** @param fresh how many rows had to be added at least */
    void requireWritten(long fresh, long written) throws SQLException {
        boolean anyTrigger = sync.target().triggers().stream()
                .anyMatch(trigger -> !sync.copy().triggersToDisable().contains(trigger)
                        && !trigger.enabled().equals(sync.copy().silent() ? "O" : "R"));
        if (written < fresh || (anyTrigger && countOthers() > 0)) {
            throw new OperatorException(
                    "rows of " + sync.target().name() + " in database '"
                            + target.database().name()
                            + "' are not what was written: a trigger or rule changes or drops them; the target was left as"
                            + " it was",
                    "disable it there, or let it skip what role "
                            + Identifiers.quote(target.database().settings().user()) + " writes.");
        }
        if (sync.copy().silent()) {
            requireUnique();
        }
    }

    /** Rows that were brought, and that the target has otherwise or not at all. */
    private long countOthers() throws SQLException {
        return target.oneVerbatim(
                "SELECT count(*) FROM " + staging.rows() + " s WHERE NOT EXISTS (SELECT FROM "
                        + sync.target().quotedAlone() + " t WHERE " + sync.equalKeys("t", "s") + " AND ROW("
                        + columns("t.") + ")::record *= ROW(" + columns("s.") + ")::record)",
                row -> row.getLong(1));
    }

    private String columns(String prefix) {
        return sync.copy().columnNames().stream()
                .map(name -> prefix + Identifiers.quote(name))
                .collect(Collectors.joining(", "));
    }

    /** Constraints that are checked late are checked by triggers, which were silent. */
    private void requireUnique() throws SQLException {
        for (TableShape.UniqueIndex index : sync.target().uniqueIndexes()) {
            if (index.immediate() || !index.whole()) {
                continue;
            }
            String equal = index.columns().stream()
                    .map(column -> "a." + Identifiers.quote(column) + " = b." + Identifiers.quote(column))
                    .collect(Collectors.joining(" AND "));
            String table = sync.target().quotedAlone();
            long doubled = target.oneVerbatim(
                    "SELECT count(*) FROM " + staging.rows() + " s JOIN " + table + " a ON " + sync.equalKeys("a", "s")
                            + " JOIN " + table + " b ON " + equal + " WHERE NOT (" + sync.equalKeys("a", "b") + ")",
                    row -> row.getLong(1));
            if (doubled > 0) {
                throw new OperatorException(
                        doubled + " rows that were brought to " + sync.target().name() + " in database '"
                                + target.database().name() + "' have values that other rows have, against "
                                + Identifiers.quote(index.name()) + "; the target was left as it was",
                        "a row that only the target has holds such a value: remove it there.");
            }
        }
    }
}
