package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
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
 * @param systemId of its cluster
 * @param timeline that it writes, or follows
 * @param lsn everything committed before was flushed up to there
 * @param nextXid the first transaction that had not begun
 * @param committed those shortly before it that were committed
 */
record SourceState(String systemId, long timeline, Lsn lsn, long nextXid, Set<Long> committed) {

    private static final int RECENT = 10_000;

    private static final String POSITION = """
            select (select system_identifier::text from pg_control_system()),
                   case when pg_is_in_recovery()
                        then coalesce((select received_tli from pg_stat_wal_receiver),
                                      (select timeline_id from pg_control_checkpoint()))::bigint
                        else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint end,
                   case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end::text,
                   pg_snapshot_xmax(pg_current_snapshot())::text::bigint""";

    /** Asks the source; empty when it cannot be reached, which is when backups are restored in earnest. */
    static Optional<SourceState> of(Database source, Work work) {
        try (Session session = source.open(work)) {
            // In this order: what commits in between is then counted as lost rather than not.
            SourceState at = session.oneVerbatim(
                    POSITION,
                    row -> new SourceState(
                            row.getString(1),
                            row.getLong(2),
                            Lsn.parse(row.getString(3)).orElse(new Lsn(0)),
                            row.getLong(4),
                            Set.of()));
            List<Long> committed = session.listVerbatim(committedBefore(at.nextXid()), row -> row.getLong(1));
            return Optional.of(
                    new SourceState(at.systemId(), at.timeline(), at.lsn(), at.nextXid(), new HashSet<>(committed)));
        } catch (WorkCancelledException e) {
            throw e;
        } catch (SQLException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Positions and transactions of another past are numbered alike, and say nothing of this one.
     *
     * @param cluster that was recovered
     * @param on the timeline that it was recovered along
     * @throws OperatorException when the source is not where that led
     */
    void requireSamePast(String name, String cluster, long on) {
        if (!systemId.equals(cluster)) {
            throw new OperatorException(
                    "database '" + name + "' is on cluster " + systemId + ", and the backup is of cluster " + cluster
                            + ": what is missing cannot be told",
                    "the cluster was made anew since; take a new base backup.");
        }
        if (timeline != on) {
            throw new OperatorException(
                    "database '" + name + "' is on timeline " + timeline + ", and the archive leads along timeline "
                            + on + ": what was committed since they parted is missing",
                    "is the log of the server that was promoted being archived?");
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
