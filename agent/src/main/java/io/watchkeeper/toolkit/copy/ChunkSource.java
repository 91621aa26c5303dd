package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens the views of the source that chunks are read in, and sees to it that they are of the table the copy began with. */
final class ChunkSource {

    private final PreparedCopy copy;
    private final List<TableName> relations;

    /** Asking costs a round trip for each chunk, and is spared until a standby answers. */
    private boolean mayBeStandby;

    ChunkSource(PreparedCopy copy) {
        this.copy = copy;
        this.relations = copy.sourceRelations();
    }

    /** What was written since the copy began cannot be told any more: it must begin again. */
    static final class SourceBrokenException extends RuntimeException {
        private static final long serialVersionUID = 1;

        SourceBrokenException(String reason) {
            super(reason);
        }
    }

    /**
     * Begins a transaction with a view of its own, after everything the earlier mark saw.
     *
     * @param begun where the copy began; null to begin one
     * @param byPages whether rows are found by their place
     * @return where the view stands
     * @throws SourceBrokenException when that is no continuation of the earlier mark
     * @throws OperatorException when the table is locked, or a standby has not got that far yet
     */
    SourceMark open(Session source, @Nullable SourceMark begun, boolean byPages) throws SQLException {
        return open(source, begun, byPages, false);
    }

    /** The same for one chunk more: what does not change while the copy's own chunks are read is not read again. */
    void openForChunk(Session source, SourceMark begun, boolean byPages) throws SQLException {
        open(source, begun, byPages, true);
    }

    private SourceMark open(Session source, @Nullable SourceMark begun, boolean byPages, boolean isChunk)
            throws SQLException {
        // On a standby: what the view shows for certain is what was replayed before it was opened.
        Optional<Lsn> replayed = begun != null && mayBeStandby ? SourceMark.replayed(source) : Optional.empty();
        source.begin();
        try {
            // The lock comes before the first query: a view older than a TRUNCATE or a rewrite would see an empty
            // table.
            String tables = relations.stream().map(r -> "ONLY " + r.quoted()).collect(Collectors.joining(", "));
            source.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; LOCK TABLE " + tables + " IN "
                    + LockLevel.ACCESS_SHARE + " MODE; " + CopySql.pinnedSettings(copy.holdsObjectNames())
                    + "; " + CopySql.unhurriedReader());
            SourceMark mark = SourceMark.read(source, relations);
            if (!isChunk) {
                ShapeCheck.require(source, List.of(copy.source()));
            }
            if (begun != null && mark.standby() && !mayBeStandby) {
                mayBeStandby = true;
                source.rollback();
                return open(source, begun, byPages, isChunk);
            }
            if (begun != null) {
                require(source, mark, begun, byPages, replayed);
            }
            return mark;
        } catch (SQLException e) {
            source.rollback();
            if (SqlStates.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw TableLocks.explain(source, relations, e);
            }
            throw e;
        } catch (RuntimeException e) {
            source.rollback();
            throw e;
        }
    }

    private void require(Session source, SourceMark mark, SourceMark begun, boolean byPages, Optional<Lsn> replayed) {
        if (mark.isBehind(begun, replayed)) {
            // Worth another attempt: it catches up, or the next connection finds another server.
            throw new OperatorException(
                    "the standby behind database '" + source.database().name() + "' has replayed up to " + mark.lsn()
                            + " only, and the copy has rows of " + begun.lsn() + " already",
                    "run it again when the standby has caught up.",
                    new SQLException("standby behind", SqlStates.CONNECTION_FAILURE));
        }
        mark.breakSince(begun, byPages).ifPresent(reason -> {
            throw new SourceBrokenException(reason);
        });
    }

    /** Begins a transaction with the leader's view. */
    void join(Session source, String snapshot) throws SQLException {
        source.begin();
        try {
            source.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT '"
                    + snapshot + "'; " + CopySql.pinnedSettings(copy.holdsObjectNames())
                    + "; " + CopySql.unhurriedReader());
        } catch (SQLException | RuntimeException e) {
            source.rollback();
            throw e;
        }
    }
}
