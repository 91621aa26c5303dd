package io.watchkeeper.toolkit.stream;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.toolkit.sync.SyncPlan;
import io.watchkeeper.toolkit.sync.SyncPosition;
import io.watchkeeper.toolkit.sync.SyncResult;
import io.watchkeeper.toolkit.sync.TableSyncer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Polling as {@code syncTable} does it. */
public final class SyncPolling implements Polling {

    private final Database source;
    private final Database target;
    private final Work work;
    private final Map<TableName, Long> rounds = new HashMap<>();

    public SyncPolling(Database source, Database target, Work work) {
        this.source = source;
        this.target = target;
        this.work = work;
    }

    @Override
    public long lastRound(TableName table, String snapshot) throws SQLException {
        long before = rounds(table);
        SyncResult result = new TableSyncer(source, target, work).syncInSnapshot(SyncPlan.of(table), snapshot);
        // Of somebody else's round in between, the number shows.
        rounds.put(table, before + 1);
        return result.rowsWritten() + result.rowsDeleted();
    }

    private long rounds(TableName table) throws SQLException {
        try (Session session = target.open(work)) {
            return SyncPosition.rounds(session, table);
        }
    }

    @Override
    public List<TableName> holdAfterLastRound(Session session, List<TableName> tables) throws SQLException {
        List<TableName> moved = new ArrayList<>();
        for (TableName table : tables) {
            SyncPosition.hold(session, table);
            if (SyncPosition.rounds(session, table) != rounds.getOrDefault(table, -1L)) {
                moved.add(table);
            }
        }
        return moved;
    }

    @Override
    public void startFrom(Session session, TableName table, Optional<SourceMark> mark) throws SQLException {
        SyncPosition.startFrom(session, table, mark);
    }
}
