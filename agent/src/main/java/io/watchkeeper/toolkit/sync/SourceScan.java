package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds what was written on the source since the last round, in the round's view of it, and stages those rows. */
final class SourceScan {

    private final Session source;
    private final PreparedSync sync;
    private final SyncState state;
    private final SourceMark now;
    private final Decision decision;
    private final Staging staging;

    SourceScan(Session source, PreparedSync sync, SyncState state, SourceMark now, Decision decision, Staging staging) {
        this.source = source;
        this.sync = sync;
        this.state = state;
        this.now = now;
        this.decision = decision;
        this.staging = staging;
    }

    /**
     * By the horizon.
     *
     * @return how many rows the source has; -1 where that was not asked
     * @throws Largeness.LargeRoundException when so many rows are to go in steps; nothing is staged then
     */
    long byHorizon(Largeness largeness) throws SQLException {
        if (isQuiet() && (state.rows() >= 0 || !sync.options().deletes())) {
            return sync.options().deletes() ? state.rows() : -1;
        }
        Counts counts = count();
        if (SyncSteps.isPossible(sync) && largeness.divides(now, counts.written, counts.all)) {
            throw new Largeness.LargeRoundException(decision);
        }
        if (counts.written > 0) {
            for (SourceMark.Relation relation : now.relations()) {
                staging.bring(relation.name(), conditionOf(relation, now.writtenSince(state.mark())));
            }
        }
        return counts.all;
    }

    /** Whether no transaction at all was begun since. A condition may depend on more than the row. */
    private boolean isQuiet() {
        return now.isSameAs(state.mark())
                && decision.unseen().isEmpty()
                && sync.options().where() == null
                && state.kept() == 0;
    }

    private record Counts(long all, long written) {}

    private Counts count() throws SQLException {
        String counts = now.relations().stream()
                .map(relation -> {
                    String written = conditionOf(relation, now.writtenSince(state.mark()));
                    return "SELECT count(*) AS n, count(*) FILTER (WHERE " + (written == null ? "true" : written)
                            + ") AS w FROM ONLY " + relation.name().quoted() + CopySql.where(sync.copy(), null);
                })
                .collect(Collectors.joining(" UNION ALL "));
        return source.oneVerbatim(
                now.relations().isEmpty()
                        ? "SELECT 0, 0"
                        : "SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(w), 0)::bigint FROM (" + counts + ") c",
                row -> new Counts(row.getLong(1), row.getLong(2)));
    }

    /** All rows of a partition that was not there in the last round. */
    private @Nullable String conditionOf(SourceMark.Relation relation, @Nullable String condition) {
        return decision.unseen().contains(relation.name()) ? null : condition;
    }

    /** By the watermark. What that does not see is the caller's to say. */
    void byWatermark() throws SQLException {
        String since = state.watermark() == null ? null : Watermark.since(sync, state.watermark());
        for (SourceMark.Relation relation : now.relations()) {
            staging.bring(relation.name(), conditionOf(relation, since));
        }
    }
}
