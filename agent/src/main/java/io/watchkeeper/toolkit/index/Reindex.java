package io.watchkeeper.toolkit.index;

import io.watchkeeper.measures.Measurement;
import io.watchkeeper.measures.Measurements;
import io.watchkeeper.measures.Sample;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableFailure;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import io.watchkeeper.units.Ratio;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Builds indexes anew, one after the other, those with most to win first. A partitioned table's are those of its partitions. */
public final class Reindex {

    /** What an index took for each of its rows right after it was built: that tells more than the planner's statistics. */
    static final String FRESH_ROW_BYTES = "index_fresh_row_bytes";

    private static final Duration REMEMBERED = Duration.ofDays(400);
    private static final int ALL = 100_000;
    private static final Pattern SYSTEM = Pattern.compile("(?i)\"?(pg_\\w*|information_schema)\"?\\..*");
    private static final String SYSTEM_REASON =
            "system catalogues cannot be rebuilt beside themselves, and doing it in place stops the whole database: a person does that,"
                    + " in a maintenance window, by REINDEX SYSTEM";

    private final Database database;
    private final Work work;
    private final Measurements measurements;
    private final Clock clock;
    private final Room room;
    private final @Nullable Path bin;

    /**
     * For a database.
     *
     * @param measurements what was measured before, by which later estimates are better
     * @param bin where pg_repack is looked for first, before the usual places; null where only those are
     */
    public Reindex(Database database, Work work, Measurements measurements, Clock clock, @Nullable Path bin) {
        this(database, work, measurements, clock, new Room(), bin);
    }

    Reindex(Database database, Work work, Measurements measurements, Clock clock, Room room, @Nullable Path bin) {
        this.database = database;
        this.work = work;
        this.measurements = measurements;
        this.clock = clock;
        this.room = room;
        this.bin = bin;
    }

    /** An index that is due. */
    private record Due(IndexBloat index, String reason) {}

    /** What is due, what is not and why, and what is left of earlier rebuilds. */
    private record Choice(int looked, List<Due> due, Map<String, String> skipped, List<Leftovers.Leftover> leftovers) {}

    /**
     * Builds. An index that cannot be built now does not stop the others; it is in the result.
     *
     * @throws OperatorException when a named table does not exist, or an extension is missing that the plan needs
     */
    public ReindexResult run(ReindexPlan plan) throws SQLException {
        if (plan.method() == ReindexPlan.Method.REPACK) {
            Map<String, String> skipped = new LinkedHashMap<>();
            return repack(plan).run(names(plan, skipped), skipped);
        }
        long start = System.nanoTime();
        List<IndexName> dropped = new ArrayList<>();
        List<TableFailure> failures = new ArrayList<>();
        Choice choice;
        try (Session session = database.open(work)) {
            choice = choose(session, plan);
            session.lockTimeout(plan.lockTimeout());
            drop(session, choice.leftovers(), dropped, choice.skipped());
        }
        List<RebuiltIndex> rebuilt = new ArrayList<>();
        IndexRebuild rebuild = new IndexRebuild(database, work, plan, room);
        for (Due due : choice.due()) {
            if (plan.isOver(start)) {
                choice.skipped().put(due.index().index().toString(), ReindexPlan.OVER);
                continue;
            }
            build(rebuild, due, rebuilt, choice.skipped(), failures);
        }
        return new ReindexResult(
                database.name(), choice.looked(), rebuilt, List.of(), choice.skipped(), dropped, failures);
    }

    private void build(
            IndexRebuild rebuild,
            Due due,
            List<RebuiltIndex> rebuilt,
            Map<String, String> skipped,
            List<TableFailure> failures)
            throws SQLException {
        try {
            Optional<RebuiltIndex> done = rebuild.run(due.index(), due.reason());
            done.ifPresent(rebuilt::add);
            done.ifPresent(this::remember);
            if (done.isEmpty()) {
                skipped.put(
                        due.index().index().toString(),
                        "another agent builds indexes of " + due.index().table());
            }
        } catch (OperatorException e) {
            failures.add(new TableFailure(due.index().table(), e));
        } catch (SQLException e) {
            if (FailureClass.of(e) != FailureClass.PERMANENT) {
                throw e;
            }
            failures.add(new TableFailure(due.index().table(), e));
        }
    }

    private void remember(RebuiltIndex built) {
        if (built.index().rows() > 0) {
            measurements.note(
                    clock.instant(),
                    List.of(new Measurement(
                            database.name(),
                            FRESH_ROW_BYTES,
                            built.index().index().toString(),
                            built.bytesAfter() / built.index().rows())));
        }
    }

    /** What {@link #run} would do. Changes nothing. */
    public List<PlannedAction> describe(ReindexPlan plan) throws SQLException {
        if (plan.method() == ReindexPlan.Method.REPACK) {
            Map<String, String> skipped = new LinkedHashMap<>();
            return repack(plan).describe(names(plan, skipped), skipped);
        }
        List<PlannedAction> actions = new ArrayList<>();
        try (Session session = database.open(work)) {
            Choice choice = choose(session, plan);
            for (Leftovers.Leftover leftover : choice.leftovers()) {
                actions.add(new PlannedAction(
                        database.name(),
                        Leftovers.dropSql(leftover.index()),
                        LockLevel.SHARE_UPDATE_EXCLUSIVE,
                        -1,
                        leftover.bytes(),
                        "left of a rebuild that did not come to its end"));
            }
            for (Due due : choice.due()) {
                actions.add(describe(session, plan, due));
            }
            choice.skipped()
                    .forEach((name, reason) -> actions.add(new PlannedAction(
                            database.name(), "-- " + name, LockLevel.NONE, -1, -1, "skipped: " + reason)));
        }
        return actions;
    }

    private PlannedAction describe(Session session, ReindexPlan plan, Due due) throws SQLException {
        boolean beside = plan.method() == ReindexPlan.Method.CONCURRENTLY;
        IndexBloat index = due.index();
        return new PlannedAction(
                database.name(),
                IndexRebuild.sql(index.index(), plan.method()),
                beside ? LockLevel.SHARE_UPDATE_EXCLUSIVE : LockLevel.ACCESS_EXCLUSIVE,
                Math.round(Math.max(-1, index.rows())),
                index.bytes(),
                due.reason() + "; " + room.words(session, index.id(), new Bytes(index.bytes())) + "; waits at most "
                        + DurationText.say(plan.lockTimeout()) + " for the table"
                        + (beside ? "" : ", whose writers wait until it is built"));
    }

    private Repack repack(ReindexPlan plan) {
        return new Repack(database, work, plan, room, bin);
    }

    private List<TableName> names(ReindexPlan plan, Map<String, String> skipped) throws SQLException {
        try (Session session = database.open(work)) {
            return names(session, plan, skipped);
        }
    }

    /** The tables that are meant; what may not be built anew is among those that are skipped. */
    private static List<TableName> names(Session session, ReindexPlan plan, Map<String, String> skipped)
            throws SQLException {
        List<String> patterns = new ArrayList<>();
        for (String pattern : plan.tables()) {
            if (SYSTEM.matcher(pattern.strip()).matches()) {
                skipped.put(pattern, SYSTEM_REASON);
            } else {
                patterns.add(pattern);
            }
        }
        if (plan.tables().isEmpty()) {
            return TablePattern.all(session);
        }
        return patterns.isEmpty() ? List.of() : TablePattern.resolve(session, patterns, List.of());
    }

    private Choice choose(Session session, ReindexPlan plan) throws SQLException {
        Map<String, String> skipped = new LinkedHashMap<>();
        List<TableName> tables = names(session, plan, skipped);
        BloatReader reader = new BloatReader(session);
        List<IndexBloat> indexes = reader.indexes(tables, plan.least(), ALL);
        Set<Long> meant = new HashSet<>();
        indexes.forEach(index -> meant.add(index.tableId()));
        List<Leftovers.Leftover> leftovers = Leftovers.find(session).stream()
                .filter(one -> meant.contains(one.tableId()))
                .toList();
        Set<Long> left = new HashSet<>();
        leftovers.forEach(one -> left.add(one.id()));
        boolean toast = session.one("select has_schema_privilege('pg_toast', 'usage')", row -> row.getBoolean(1));
        List<Due> due = new ArrayList<>();
        for (IndexBloat index : indexes) {
            if (!left.contains(index.id())) {
                String reason = reasonToSkip(index, plan, toast);
                if (reason != null) {
                    skipped.put(index.index().toString(), reason);
                } else {
                    judge(session, reader, plan, index, skipped).ifPresent(due::add);
                }
            }
        }
        due.sort(Comparator.comparing((Due one) -> one.index().wasted()).reversed());
        return new Choice(indexes.size(), due, skipped, leftovers);
    }

    private static @Nullable String reasonToSkip(IndexBloat index, ReindexPlan plan, boolean toast) {
        if (!index.valid()) {
            return "it is invalid and no leftover of a rebuild; somebody builds it, or a person mends or drops it";
        }
        if (index.exclusion() && plan.method() == ReindexPlan.Method.CONCURRENTLY) {
            return "PostgreSQL cannot rebuild an exclusion constraint's index beside itself; concurrently false does it in place";
        }
        if (index.toast() && !toast) {
            return "the role may not use schema pg_toast; REINDEX TABLE CONCURRENTLY "
                    + index.table().quoted() + " rebuilds it with the table's own";
        }
        return null;
    }

    /** By its bloat, and by amcheck where that is asked for: what is not sound is due however little of it is empty. */
    private Optional<Due> judge(
            Session session, BloatReader reader, ReindexPlan plan, IndexBloat index, Map<String, String> skipped)
            throws SQLException {
        if (plan.check() && index.isBtree()) {
            Optional<String> wrong = IndexCheck.require(session).look(index.index());
            if (wrong.isPresent()) {
                return Optional.of(new Due(index.with(new Ratio(1), false), "it is not sound: " + wrong.get()));
            }
        }
        if (plan.whenBloat() == null) {
            return Optional.of(new Due(index, "asked for"));
        }
        if (index.bloat() == null) {
            skipped.put(
                    index.index().toString(),
                    index.isBtree()
                            ? "nothing tells how much of it is empty: ANALYZE "
                                    + index.table().quoted()
                            : "how much of a " + index.method() + " index is empty cannot be told");
            return Optional.empty();
        }
        if (!index.isOver(plan.whenBloat())) {
            return Optional.empty();
        }
        IndexBloat known = better(reader.measure(index));
        if (known.isOver(plan.whenBloat())) {
            return Optional.of(new Due(
                    known, known.bloat() + " of it is empty" + (known.measured() ? "" : ", as statistics estimate")));
        }
        skipped.put(
                index.index().toString(),
                known.bloat() + " of it is empty, "
                        + (known.measured() ? "as its pages show" : "as its size after the last rebuild tells"));
        return Optional.empty();
    }

    /** What it took right after it was last built. Without that, an estimate that is wrong would have it built every time. */
    private IndexBloat better(IndexBloat index) {
        if (index.measured() || index.bloat() == null || index.rows() <= 0) {
            return index;
        }
        List<Sample> fresh = measurements.series(
                database.name(),
                FRESH_ROW_BYTES,
                index.index().toString(),
                clock.instant().minus(REMEMBERED));
        if (fresh.isEmpty()) {
            return index;
        }
        double needed = fresh.get(fresh.size() - 1).value() * index.rows();
        Ratio share = new Ratio(Math.max(0, 1 - needed / Math.max(1, index.bytes())));
        return share.compareTo(index.bloat()) < 0 ? index.with(share, false) : index;
    }

    /** One whose table is in use stays for the next run. */
    private static void drop(
            Session session, List<Leftovers.Leftover> leftovers, List<IndexName> dropped, Map<String, String> skipped)
            throws SQLException {
        for (Leftovers.Leftover leftover : leftovers) {
            if (!TableTurn.take(session, leftover.tableId())) {
                skipped.put(leftover.index().toString(), "another agent works on its table");
                continue;
            }
            try {
                if (Leftovers.drop(session, leftover)) {
                    dropped.add(leftover.index());
                }
            } catch (SQLException e) {
                if (!session.isUsable() || FailureClass.of(e) == FailureClass.CANCELLED) {
                    throw e;
                }
                skipped.put(leftover.index().toString(), "it cannot be dropped now: " + e.getMessage());
            } finally {
                if (session.isUsable()) {
                    TableTurn.giveBack(session, leftover.tableId());
                }
            }
        }
    }
}
