package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.units.DurationText;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How this round goes, and why: as the plan says, unless something has happened to the source since the last round that the plan's mode
 * does not see.
 *
 * @param mode xmin, timestamp or full
 * @param unseen partitions that were not there in the last round; all of their rows are looked at
 * @param mustWait whether the source is a standby that has not got as far as the last round
 */
record Decision(SyncMode mode, String reason, Set<TableName> unseen, boolean mustWait) {

    /** xmin has 32 bits: with more transactions than this between two snapshots, an old row looks like a new one. */
    private static final long WINDOW = 1L << 32;

    Decision {
        unseen = Set.copyOf(unseen);
    }

    private static Decision full(String reason) {
        return new Decision(SyncMode.FULL, reason, Set.of(), false);
    }

    /**
     * Decides.
     *
     * @param state null before the first round
     * @param now the view of the source that the round reads
     * @param replayed by a standby before the view was opened; empty on a primary
     * @param history asked when the source is on another timeline than it was
     */
    static Decision of(
            PreparedSync sync,
            @Nullable SyncState state,
            SourceMark now,
            Optional<Lsn> replayed,
            TimelineHistory history)
            throws SQLException {
        if (state == null) {
            return full("first round");
        }
        if (sync.chosen() == SyncMode.FULL) {
            return full(sync.reason());
        }
        if (state.plan().isEmpty()) {
            return full("steps that compared all rows were given up");
        }
        if (!state.plan().equals(sync.fingerprint())) {
            return full("the plan has changed since the last round: other columns, types, key or rows");
        }
        if (state.kept() > 0 && sync.options().localEdits() != LocalEdits.KEEP) {
            return full("rows that were left different are not to be any more");
        }
        SourceMark before = state.mark();
        if (now.system().equals(before.system())
                && now.databaseId() == before.databaseId()
                && now.isBehind(before, replayed)) {
            return new Decision(
                    sync.chosen(),
                    "the standby has replayed up to "
                            + replayed.map(Lsn::toString).orElse("an unknown position") + ", and the last round was at "
                            + before.lsn(),
                    Set.of(),
                    true);
        }
        Set<TableName> unseen = unseen(before, now);
        Optional<String> broken = broken(sync, before, now, unseen, history);
        return broken.isPresent() ? full(broken.get()) : unbroken(sync, state, unseen);
    }

    private static Decision unbroken(PreparedSync sync, SyncState state, Set<TableName> unseen) {
        String reason = sync.reason();
        SyncMode mode = sync.chosen();
        if (mode == SyncMode.HYBRID) {
            SyncOptions options = sync.options();
            if (state.sinceVerified().compareTo(options.verifyEvery()) >= 0) {
                return full("all rows were last compared " + DurationText.say(state.sinceVerified()) + " ago");
            }
            if (state.watermark() == null || state.sinceProven().compareTo(options.proveEvery()) >= 0) {
                mode = SyncMode.XMIN;
                reason = "hybrid: last proven by the horizon " + DurationText.say(state.sinceProven()) + " ago";
            } else {
                mode = SyncMode.TIMESTAMP;
                reason = "hybrid: proven by the horizon " + DurationText.say(state.sinceProven()) + " ago";
            }
        }
        if (mode == SyncMode.TIMESTAMP && state.watermark() == null) {
            mode = SyncMode.XMIN;
            reason = "no watermark is known yet";
        }
        return new Decision(mode, reason, unseen, false);
    }

    /** Why what was written since cannot be told; empty when it can. */
    private static Optional<String> broken(
            PreparedSync sync, SourceMark before, SourceMark now, Set<TableName> unseen, TimelineHistory history)
            throws SQLException {
        if (!now.system().equals(before.system()) || now.databaseId() != before.databaseId()) {
            return Optional.of("the source is another database now");
        }
        if (now.timeline() > 0 && before.timeline() > 0 && now.timeline() != before.timeline()) {
            Optional<String> lost = history.lostSince(before, now);
            if (lost.isPresent()) {
                return lost;
            }
        }
        boolean onPrimaries = !now.standby() && !before.standby();
        if (now.nextXid() < before.horizon() || (onPrimaries && now.lsn().compareTo(before.lsn()) < 0)) {
            return Optional.of("the source was set back to an earlier state");
        }
        if (now.nextXid() - before.horizon() >= WINDOW) {
            return Optional.of("more than four billion transactions have passed on the source");
        }
        if (!unseen.isEmpty()
                && (!sync.source().isPartitioned()
                        || unseen.size() == now.relations().size())) {
            return Optional.of("the table was replaced on the source");
        }
        if (!changedColumns(before, now).isEmpty()) {
            return Optional.of(
                    "columns of " + changedColumns(before, now).get(0) + " were added or dropped on the source");
        }
        return Optional.empty();
    }

    /** A column that was added has a default, which shows in rows that nobody has written. */
    private static List<TableName> changedColumns(SourceMark before, SourceMark now) {
        Map<Long, String> columns = new HashMap<>();
        before.relations().forEach(relation -> columns.put(relation.oid(), relation.columns()));
        return now.relations().stream()
                .filter(relation -> columns.containsKey(relation.oid())
                        && !relation.columns().equals(columns.get(relation.oid())))
                .map(SourceMark.Relation::name)
                .toList();
    }

    private static Set<TableName> unseen(SourceMark before, SourceMark now) {
        Set<Long> known = new HashSet<>();
        before.relations().forEach(relation -> known.add(relation.oid()));
        Set<TableName> unseen = new HashSet<>();
        now.relations().stream()
                .filter(relation -> !known.contains(relation.oid()))
                .forEach(r -> unseen.add(r.name()));
        return unseen;
    }
}
