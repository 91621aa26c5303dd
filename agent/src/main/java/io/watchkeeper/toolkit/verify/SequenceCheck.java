package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableShape;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks whether the target's sequences are past its rows: else rows added there, say after a failover, would meet copied ones. */
final class SequenceCheck {

    private SequenceCheck() {}

    /** What is to be said about each that is behind. Only columns that lead an index are looked at, the others would take a scan. */
    static List<String> notes(Session target, TableShape table) throws SQLException {
        List<String> notes = new ArrayList<>();
        for (TableShape.Sequence sequence : table.sequences()) {
            boolean indexed = table.uniqueIndexes().stream()
                    .anyMatch(index ->
                            !index.columns().isEmpty() && index.columns().get(0).equals(sequence.column()));
            if (indexed && sequence.settable()) {
                behind(target, table, sequence).ifPresent(notes::add);
            }
        }
        return notes;
    }

    private static Optional<String> behind(Session target, TableShape table, TableShape.Sequence sequence)
            throws SQLException {
        String column = Identifiers.quote(sequence.column());
        String last = "pg_sequence_last_value("
                + Identifiers.quoteLiteral(sequence.name().quoted()) + "::regclass)";
        String furthest = sequence.ascending() ? "max" : "min";
        String beyond = sequence.ascending() ? ">" : "<";
        return target
                .listVerbatim(
                        "SELECT x.v, " + last + " FROM (SELECT " + furthest + "(" + column + ")::bigint AS v FROM "
                                + table.name().quoted() + ") x WHERE x.v " + beyond + " coalesce(" + last + ", 0)",
                        row -> "sequence " + sequence.name() + " in database '"
                                + target.database().name() + "' is at " + row.getLong(2) + ", and column " + column
                                + " has values up to " + row.getLong(1)
                                + ": rows added there would meet them; a sync, copy or repair moves it on")
                .stream()
                .findFirst();
    }
}
