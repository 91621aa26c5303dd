package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where the source was when a drill began, so that it can be said what a recovery to the latest lost.
 *
 * @param lsn everything committed before was flushed up to there
 * @param nextXid the first transaction that had not begun
 * @param committed those shortly before it that were committed
 */
record SourceState(Lsn lsn, long nextXid, Set<Long> committed) {

    private static final int RECENT = 10_000;

    private static final String POSITION = """
            select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end::text,
                   pg_snapshot_xmax(pg_current_snapshot())::text::bigint""";

    /** Asks the source; empty when it cannot be reached, which is when backups are restored in earnest. */
    static Optional<SourceState> of(Database source, Work work) {
        try (Session session = source.open(work)) {
            // In this order: what commits in between is then counted as lost rather than not.
            SourceState at = session.oneVerbatim(
                    POSITION,
                    row -> new SourceState(Lsn.parse(row.getString(1)).orElse(new Lsn(0)), row.getLong(2), Set.of()));
            List<Long> committed = session.listVerbatim(committedBefore(at.nextXid()), row -> row.getLong(1));
            return Optional.of(new SourceState(at.lsn(), at.nextXid(), new HashSet<>(committed)));
        } catch (WorkCancelledException e) {
            throw e;
        } catch (SQLException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** How many of the recent transactions of the source the recovered cluster lacks. */
    long lost(Connection recovered, Lsn replayed) throws SQLException {
        if (replayed.compareTo(lsn) >= 0) {
            return 0;
        }
        Set<Long> here = new HashSet<>();
        try (Statement statement = recovered.createStatement()) {
            long next;
            try (ResultSet row =
                    statement.executeQuery("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")) {
                row.next();
                next = row.getLong(1);
            }
            try (ResultSet rows = statement.executeQuery(committedBefore(Math.min(next, nextXid)))) {
                while (rows.next()) {
                    here.add(rows.getLong(1));
                }
            }
        }
        return committed.stream().filter(xid -> !here.contains(xid)).count();
    }

    private static String committedBefore(long next) {
        return "select x from generate_series(" + Math.max(3, next - RECENT) + "::bigint, " + (next - 1)
                + "::bigint) x where pg_xact_status(x::text::xid8) = 'committed'";
    }
}
