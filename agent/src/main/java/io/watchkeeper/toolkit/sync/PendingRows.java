package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.toolkit.copy.StreamedTable;
import io.watchkeeper.toolkit.verify.InFlight;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rows that were written since a table's last round: the next one brings them, so that a verification between the two counts none. Only
 * of rounds that prove what they brought: what a watermark does not show is brought by no next round, and a table that is streamed
 * has none.
 */
public final class PendingRows implements InFlight {

    @Override
    public Map<TableName, String> writtenSince(
            Session source, Session target, TableName from, TableName to, List<TableName> relations)
            throws SQLException {
        // A record's scope is the source's name where the whole table is meant.
        Optional<SyncState> state = SyncRecord.look(target, to, from.toString());
        if (state.isEmpty()
                || !state.get().isProven()
                || StreamedTable.subscription(target, to).isPresent()) {
            return Map.of();
        }
        SourceMark now = SourceMark.read(source, relations);
        if (now.breakSince(state.get().mark(), false).isPresent()) {
            return Map.of();
        }
        Map<TableName, String> conditions = new HashMap<>();
        relations.forEach(relation ->
                conditions.put(relation, now.writtenSince(state.get().mark())));
        return conditions;
    }

    @Override
    public void repairs(Session target, TableName to) throws SQLException {
        SyncRecord.own(target, to);
    }
}
