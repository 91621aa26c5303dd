package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.toolkit.copy.FillLock;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What is on record for a table, for a stream that takes the table over from rounds, or gives it back to them. */
public final class SyncPosition {

    private static final String HINT = "try again when it is done.";

    private SyncPosition() {}

    /** Counts the rounds of a target table: another number later means that there was another round. */
    public static long rounds(Session target, TableName table) throws SQLException {
        if (!AgentSchema.has(target, SyncRecord.TABLES)) {
            return 0;
        }
        return target.one(
                "select coalesce(sum(version), 0)::bigint from watchkeeper.sync_tables where target = to_regclass(?)",
                row -> row.getLong(1),
                table.quoted());
    }

    /**
     * Keeps rounds away from the table until the session is closed.
     *
     * @throws io.watchkeeper.problem.OperatorException when one is running
     */
    public static void hold(Session target, TableName table) throws SQLException {
        FillLock.take(target, table, HINT);
    }

    /**
     * Lets the next round go on from a mark of the source, in the open transaction. The target has all that the mark's snapshot sees
     * and perhaps more; who wrote it, and how many rows there are, is forgotten. Where no round was ever recorded, nothing is done:
     * the first one compares everything.
     *
     * @param mark empty to let the next round compare everything
     */
    public static void startFrom(Session target, TableName table, Optional<SourceMark> mark) throws SQLException {
        if (rounds(target, table) == 0) {
            return;
        }
        if (mark.isEmpty()) {
            target.update("delete from watchkeeper.sync_tables where target = to_regclass(?)", table.quoted());
            return;
        }
        TargetMark.Now now = TargetMark.read(target, TableShape.read(target, table));
        // A count that no statistics can match: the next round counts for itself, and looks at every row's own xmin.
        List<Long> ids =
                target.list("""
                update watchkeeper.sync_tables
                   set version = version + 1, mode = 'stream', reason = 'goes on where a stream ended', rows = -1, watermark = null,
                       synced_at = now(), proven_at = now(), target_relations = ?, target_counter = -1, target_horizon = ?,
                       target_next_xid = ?, target_applied = '{}'
                 where target = to_regclass(?) returning id""", row -> row.getLong(1), now.relations(), now.horizon(), now.nextXid(), table.quoted());
        for (long id : ids) {
            SyncRecord.saveMark(target, id, null, mark.get());
        }
    }
}
