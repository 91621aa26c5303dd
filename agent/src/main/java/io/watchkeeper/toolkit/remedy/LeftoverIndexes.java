package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.index.IndexName;
import io.watchkeeper.toolkit.index.Leftovers;
import io.watchkeeper.toolkit.index.TableTurn;
import java.sql.SQLException;
import java.util.List;

/** What {@code REINDEX CONCURRENTLY} leaves behind when it does not come to its end. */
final class LeftoverIndexes {

    private LeftoverIndexes() {}

    /** Drops what is left on the recorded index's table, unless somebody builds indexes of it. */
    static RemedyRevert.Outcome drop(Session session, RemedyRecord record) throws SQLException {
        List<Long> table = session.list(
                "select indrelid::bigint from pg_index where indexrelid = to_regclass(?)",
                row -> row.getLong(1),
                record.name());
        if (table.isEmpty()) {
            return new RemedyRevert.Outcome(
                    true, false, record.name() + " is gone, and nothing is left of rebuilding it");
        }
        if (!TableTurn.take(session, table.get(0))) {
            return new RemedyRevert.Outcome(
                    false, false, "somebody builds indexes of the table of " + record.name() + " right now");
        }
        List<IndexName> left = Leftovers.dropAll(session, table.get(0));
        return left.isEmpty()
                ? new RemedyRevert.Outcome(true, false, "nothing is left of rebuilding " + record.name())
                : new RemedyRevert.Outcome(
                        true,
                        true,
                        "dropped what was left of rebuilding " + record.name() + ": "
                                + String.join(
                                        ", ",
                                        left.stream().map(IndexName::toString).toList()));
    }
}
