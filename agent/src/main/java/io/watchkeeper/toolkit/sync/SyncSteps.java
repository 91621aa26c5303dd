package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SessionPair;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.copy.BucketComparison;
import io.watchkeeper.toolkit.copy.CopiedColumn;
import io.watchkeeper.toolkit.copy.CopyFailure;
import io.watchkeeper.toolkit.copy.CopyProgress;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.RateLimit;
import io.watchkeeper.toolkit.copy.RowStream;
import io.watchkeeper.toolkit.copy.SourceMark;
import io.watchkeeper.toolkit.copy.SourceSnapshot;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings most of a large round's rows in steps by ranges of the key, each with a view of its own and in a transaction of its own, so that
 * a link that fails costs one step. Rows are added and changed only; an ordinary round from the first step's view comes after, which brings
 * what was written meanwhile and deletes what is gone.
 *
 * <p>If the process dies between two steps, the record in the target says up to which key rows are in, and the next round goes on there.
 */
final class SyncSteps {

    /** Types in whose order both servers agree, whatever their collations. */
    private static final Set<String> ORDERED =
            Set.of("bool", "int2", "int4", "int8", "oid", "uuid", "date", "timestamp", "timestamptz");

    private static final int MOST_FAILURES = 8;
    private static final Duration QUICK = Duration.ofSeconds(3);
    private static final Duration SLOW = Duration.ofSeconds(10);

    private final Database source;
    private final Database target;
    private final Work work;
    private final RateLimit limit;
    private final Largeness largeness;
    private final Pause pause;

    private long rowsRead;
    private long rowsWritten;
    private long bytes;
    private int chunks;
    private int failures;
    private long rowsOfStep;
    private final List<String> notes = new ArrayList<>();

    /** Waits between attempts. */
    interface Pause {
        void take(Duration time);
    }

    SyncSteps(Database source, Database target, Work work, RateLimit limit, Largeness largeness, Pause pause) {
        this.source = source;
        this.target = target;
        this.work = work;
        this.limit = limit;
        this.largeness = largeness;
        this.pause = pause;
    }

    /** Whether the round can go in steps at all. */
    static boolean isPossible(PreparedSync sync) {
        return sync.options().localEdits() == LocalEdits.SOURCE_WINS
                && sync.copy().silent()
                && sync.key().stream()
                        .allMatch(column -> column.from().builtIn()
                                && column.from().text().equals(column.to().text())
                                && ORDERED.contains(column.from().name()));
    }

    /**
     * Takes all steps, or those that are left.
     *
     * @param decision what the round was to be; null to go on with what is on record
     * @return what was done; empty when the steps had to be given up, so that the round has to go in one transaction
     */
    Optional<SyncResult> run(SyncPlan plan, @Nullable Decision decision) throws SQLException {
        long start = System.nanoTime();
        @Nullable Decision begin = decision;
        while (true) {
            try (SessionPair pair = SessionPair.open(source, target, work)) {
                Attempt attempt = new Attempt(pair.source(), pair.target(), plan);
                if (!attempt.run(begin)) {
                    return Optional.empty();
                }
                return Optional.of(attempt.result(Duration.ofNanos(System.nanoTime() - start)));
            } catch (SQLException | OperatorException e) {
                if (FailureClass.of(e) != FailureClass.RETRYABLE || ++failures > MOST_FAILURES) {
                    throw e;
                }
                // What is in is on record; a smaller step has a better chance to get through.
                rowsOfStep = Math.max(100, rowsOfStep / 2);
                begin = null;
                if (failures == 1) {
                    notes.add("the link failed in the middle, and the round went on where it was");
                }
            }
            pause.take(Duration.ofMillis(Math.min(5_000, 250L << failures)));
        }
    }

    /** With one pair of connections. */
    private final class Attempt {
        private final Session from;
        private final Session to;
        private final PreparedSync sync;
        private final StepRecord record;
        private SyncRound.Part part;
        private StepRecord.@Nullable Begun begun;

        Attempt(Session from, Session to, SyncPlan plan) throws SQLException {
            this.from = from;
            this.to = to;
            this.part = SyncRound.Part.prepare(plan, from, to);
            this.sync = part.sync();
            this.record = part.steps(to);
        }

        boolean run(@Nullable Decision decision) throws SQLException {
            begun = record.unfinished()
                    .filter(old -> old.plan().equals(sync.fingerprint()))
                    .orElse(null);
            if (begun == null) {
                if (decision == null && failures == 0) {
                    record.forget();
                    return false;
                }
                begin(decision);
            } else if (failures == 0) {
                notes.add("went on with a round of which " + begun.steps() + " steps were in, the last one since "
                        + begun.since());
            }
            if (rowsOfStep == 0) {
                rowsOfStep = largeness.rowsOfStep(sync);
            }
            try (CopyProgress progress = new CopyProgress(work, sync.copy())) {
                @Nullable List<String> position = begun().position();
                do {
                    long start = System.nanoTime();
                    Optional<Step> step = step(position, progress);
                    if (step.isEmpty()) {
                        record.forget();
                        return false;
                    }
                    position = step.get().end;
                    failures = 0;
                    adapt(Duration.ofNanos(System.nanoTime() - start));
                } while (position != null);
            }
            return true;
        }

        private StepRecord.Begun begun() {
            return Objects.requireNonNull(begun);
        }

        /** @param decision in the view that found the round to be large; null when the link failed before the first step was recorded */
        private void begin(@Nullable Decision decision) throws SQLException {
            part = part.withoutSteps(to);
            Optional<Lsn> replayed = sync.standby() ? SourceMark.replayed(from) : Optional.empty();
            SourceSnapshot view = SourceSnapshot.open(
                    from, List.of(sync.source()), sync.copy().holdsObjectNames());
            SourceMark mark;
            Decision again;
            try {
                mark = SourceMark.read(from, sync.copy().sourceRelations());
                // Since that view the table may have been replaced, or the server.
                again = Decision.of(sync, part.state().orElse(null), mark, replayed, TimelineHistory.of(from));
            } finally {
                view.close();
            }
            if (again.mustWait()) {
                throw behind();
            }
            begin(decision == null || again.mode() == SyncMode.FULL ? again : decision, again.unseen(), mark);
        }

        private void begin(Decision decision, Set<TableName> unseen, SourceMark mark) throws SQLException {
            to.begin();
            try {
                TargetMark.Now there = TargetMark.read(to, sync.target());
                TargetMark targetMark = part.state().map(SyncState::target).orElse(TargetMark.after(there, 0));
                // The window says nothing of the rows of partitions that were not there in the last round.
                SyncMode mode = decision.mode() == SyncMode.XMIN && unseen.isEmpty() ? SyncMode.XMIN : SyncMode.FULL;
                StepRecord.Begun first = new StepRecord.Begun(
                        sync.fingerprint(), mode, decision.reason(), null, 0, "now", mark, targetMark);
                record.begin(first);
                begun = first;
                to.commit();
            } catch (SQLException | RuntimeException e) {
                to.rollback();
                throw e;
            }
        }

        private record Step(@Nullable List<String> end) {}

        /** @return empty when the steps cannot go on: the source is not what it was, or rows are in each other's way */
        private Optional<Step> step(@Nullable List<String> position, CopyProgress progress) throws SQLException {
            Optional<Lsn> replayed = sync.standby() ? SourceMark.replayed(from) : Optional.empty();
            SourceSnapshot view = SourceSnapshot.open(
                    from, List.of(sync.source()), sync.copy().holdsObjectNames());
            try {
                SourceMark now = SourceMark.read(from, sync.copy().sourceRelations());
                if (now.isBehind(begun().begun(), replayed)) {
                    throw behind();
                }
                if (now.breakSince(begun().begun(), false).isPresent()) {
                    return Optional.empty();
                }
                @Nullable
                String window = begun().mode() == SyncMode.XMIN
                        ? part.state()
                                .map(state -> now.writtenSince(state.mark()))
                                .orElse(null)
                        : null;
                @Nullable List<String> end = end(position, window);
                try {
                    apply(now, range(position, end), window, end, progress);
                } catch (SQLException e) {
                    to.rollback();
                    if (FailureClass.sqlState(e).orElse("").startsWith("23")) {
                        return Optional.empty(); // a value that a row of another step is about to give up
                    }
                    throw CopyFailure.explain(from, to, List.of(sync.copy()), e);
                } catch (RuntimeException e) {
                    to.rollback();
                    throw e;
                }
                return Optional.of(new Step(end));
            } finally {
                view.close();
            }
        }

        private void apply(
                SourceMark now,
                String range,
                @Nullable String window,
                @Nullable List<String> end,
                CopyProgress progress)
                throws SQLException {
            RowStream stream = new RowStream(from, to, limit, progress);
            Staging staging = new Staging(sync, to, stream, stream, now, 1);
            to.begin();
            List<String> statements = new ArrayList<>();
            statements.add(CopySql.pinnedSettings(sync.copy().holdsObjectNames()));
            statements.addAll(CopySql.silence(List.of(sync.copy())));
            to.update(String.join("; ", statements));
            String wanted = window == null ? differing(range) : range + " AND " + window;
            long written = 0;
            if (!wanted.isEmpty()) {
                for (TableName relation : sync.copy().sourceRelations()) {
                    staging.bring(relation, wanted);
                }
                to.runVerbatim("LOCK TABLE " + sync.target().quotedAlone() + " IN SHARE ROW EXCLUSIVE MODE");
                written = staging.merge().apply(to);
                new AppliedRows(from, to, sync, staging).requireWritten(0, written);
            }
            long changed = written + staging.merge().removed();
            TargetMark.Now there = TargetMark.read(to, sync.target());
            TargetMark mark = begun().targetMark().next(there, changed);
            begun = new StepRecord.Begun(
                    begun().plan(),
                    begun().mode(),
                    begun().reason(),
                    end,
                    begun().steps() + 1,
                    begun().since(),
                    // A failover that loses what this step has brought is noticed by where it read.
                    now.withWindowOf(begun().begun()),
                    mark);
            if (end == null) {
                complete(mark);
            } else {
                record.advance(end, begun().begun(), mark);
            }
            to.commit();
            chunks++;
            rowsRead += stream.rowsRead();
            rowsWritten += written;
            bytes += stream.bytes();
        }

        private OperatorException behind() {
            return new OperatorException(
                    "the standby behind database '" + source.name() + "' has not replayed what the round began with",
                    "run it again when the standby has caught up.",
                    new SQLException("standby behind", "08006"));
        }

        /** The rows of the range that are to travel; empty when both sides have the same. */
        private String differing(String range) throws SQLException {
            String here = sync.hashHere();
            BucketComparison.Differing differing = new BucketComparison(
                            from,
                            to,
                            sync.copy().sourceRelations().stream()
                                    .map(relation -> "SELECT " + here + " AS k, "
                                            + CopySql.rowHash(
                                                    sync.copy(), sync.copy().columns(), CopiedColumn::sourceText)
                                            + " AS h FROM ONLY " + relation.quoted()
                                            + CopySql.where(sync.copy(), range))
                                    .collect(Collectors.joining(" UNION ALL ")),
                            sync.targetRows(
                                    sync.hashThere() + " AS k, "
                                            + CopySql.rowHash(
                                                    sync.copy(), sync.copy().columns(), CopiedColumn::targetText)
                                            + " AS h",
                                    range))
                    .find();
            return differing.isNone() ? "" : range + " AND " + differing.condition(here);
        }

        /**
         * From here on an ordinary round goes on from the first step's view; that it must look for gone keys is said by the count. Where
         * the steps have compared all rows, it has only to bring what was written meanwhile: without a watermark it goes by xmin.
         */
        private void complete(TargetMark mark) throws SQLException {
            boolean compared = begun().mode() == SyncMode.FULL;
            part.record()
                    .save(
                            part.state().orElse(null),
                            new SyncRecord.Outcome(
                                    sync.source().name(),
                                    sync.fingerprint(),
                                    sync.sourceColumns(),
                                    begun().mode(),
                                    begun().reason(),
                                    begun().begun(),
                                    -1,
                                    compared
                                            ? null
                                            : part.state()
                                                    .map(SyncState::watermark)
                                                    .orElse(null),
                                    false,
                                    compared,
                                    mark));
            record.remove();
        }

        private @Nullable List<String> end(@Nullable List<String> position, @Nullable String window)
                throws SQLException {
            String key = sync.keyNames().stream()
                    .map(name -> "t." + Identifiers.quote(name))
                    .collect(Collectors.joining(", "));
            String texts = sync.keyNames().stream()
                    .map(name -> "t." + Identifiers.quote(name) + "::text")
                    .collect(Collectors.joining(", "));
            // xmin is a partition's, so that a partitioned table is cut by all of its rows.
            boolean byWindow = window != null && !sync.source().isPartitioned();
            String condition = range(position, null) + (byWindow ? " AND " + window : "");
            List<List<String>> found = from.listVerbatim(
                    "SELECT " + texts + " FROM " + sync.source().quotedAlone() + " t"
                            + CopySql.where(sync.copy(), condition) + " ORDER BY " + key + " OFFSET " + (rowsOfStep - 1)
                            + " LIMIT 2",
                    row -> {
                        List<String> values = new ArrayList<>();
                        for (int i = 1; i <= sync.keyNames().size(); i++) {
                            values.add(row.getString(i));
                        }
                        return values;
                    });
            return found.size() < 2 ? null : found.get(0);
        }

        private String range(@Nullable List<String> after, @Nullable List<String> upTo) {
            String key = "(" + Identifiers.quoteAll(sync.keyNames()) + ")";
            List<String> conditions = new ArrayList<>();
            if (after != null) {
                conditions.add(key + " > " + values(after));
            }
            if (upTo != null) {
                conditions.add(key + " <= " + values(upTo));
            }
            return conditions.isEmpty() ? "true" : String.join(" AND ", conditions);
        }

        private static String values(List<String> values) {
            return values.stream().map(Identifiers::quoteLiteral).collect(Collectors.joining(", ", "(", ")"));
        }

        private void adapt(Duration took) {
            if (sync.options().pace().batch() == null) {
                if (took.compareTo(QUICK) < 0) {
                    rowsOfStep = Math.min(rowsOfStep * 2, 10_000_000);
                } else if (took.compareTo(SLOW) > 0) {
                    rowsOfStep = Math.max(100, rowsOfStep / 2);
                }
            }
        }

        SyncResult result(Duration duration) {
            return new SyncResult(
                    sync.source().name(),
                    sync.target().name(),
                    source.name(),
                    target.name(),
                    begun().mode(),
                    begun().reason(),
                    false,
                    rowsRead,
                    rowsWritten,
                    0,
                    0,
                    0,
                    bytes,
                    chunks,
                    duration,
                    Map.of(SyncResult.Stage.LOAD, duration),
                    null,
                    null,
                    false,
                    notes);
        }
    }
}
