package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how many workers pay for a table, by copying the first of its rows with one worker, with two, and so on, into a table
 * like the target's that is made for that and dropped. Nothing of the user's is changed.
 *
 * <p>One worker warms the caches first, and finds out how many rows it copies in {@link #EACH}; every number of workers then copies
 * that many, twice: first from few workers to many, then from many to few, so that what changes meanwhile changes for all.
 */
public final class WorkerBench {

    /** Measured up to this number unless asked otherwise. */
    public static final int USUALLY = 8;

    /** What one worker takes for one copy, about, unless the rows are told. */
    public static final Duration EACH = Duration.ofSeconds(20);

    /** Too few, and workers would wait for the last of them. */
    private static final int CHUNKS_OF_WORKER = 8;

    private static final int ROUND_TRIPS = 5;
    private static final double SAME = 0.15;

    private final Database source;
    private final Database target;
    private final Work work;

    public WorkerBench(Database source, Database target, Work work) {
        this.source = source;
        this.target = target;
        this.work = work;
    }

    /**
     * What to measure.
     *
     * @param most workers; null for as many as are allowed, up to {@link #USUALLY}
     * @param rows of each copy; null for what one worker copies in {@link #EACH}
     */
    public record Plan(
            TableName table,
            @Nullable Integer most,
            @Nullable Long rows) {}

    /**
     * Measures.
     *
     * @param tell hears what is done next, in words
     * @throws OperatorException when the table cannot be copied by several workers, or holds nothing
     */
    public WorkerBenchResult measure(Plan plan, Consumer<String> tell) throws SQLException {
        int most = mostWorkers(plan);
        BenchTable scratch = null;
        WorkerBenchResult result;
        List<String> notes = new ArrayList<>();
        try {
            try (Session from = source.open(work);
                    Session to = target.open(work)) {
                PreparedCopy real = prepare(plan, plan.table(), from, to);
                refuse(real);
                BenchTable.sweep(to).forEach(name -> tell.accept("dropped " + name + ", left by a run that died"));
                BenchTable made = BenchTable.like(to, real.target().name());
                scratch = made;
                made.make(to);
                PreparedCopy copy = prepare(plan, made.name(), from, to);
                CopyLedger ledger = CopyLedger.take(to, made.name());
                BenchCopy bench = new BenchCopy(source, target, from, to, ledger, copy);
                result = rounds(plan, most, bench, ends(from, to), tell, notes);
            }
        } catch (SQLException | RuntimeException e) {
            if (scratch != null) {
                remove(scratch, e);
            }
            throw e;
        }
        remove(scratch, null);
        return result;
    }

    private int mostWorkers(Plan plan) {
        int asked = plan.most() == null ? USUALLY : plan.most();
        return ChunkedCopier.mostWorkers(source, target, asked);
    }

    private static PreparedCopy prepare(Plan plan, TableName into, Session from, Session to) throws SQLException {
        ServerPair servers = ServerPair.read(from, to);
        // Several workers are what is measured, so the table is cut as for several.
        CopyPlan copy = CopyPlan.of(plan.table())
                .withTables(plan.table(), into)
                .with(options -> options.withPace(Pace.FREE.withWorkers(2))
                        .withVerify(false)
                        .withAnalyze(false));
        TableShape here = TableShape.read(from, plan.table());
        TableShape there = TableShape.read(to, into);
        return new CopyPreparation(copy, here, there, from.database(), to.database(), servers).prepare(Set.of(there));
    }

    private static void refuse(PreparedCopy real) {
        if (real.chunking() == Chunking.NONE) {
            throw new OperatorException(
                    real.source().name() + " is copied over one stream whatever 'workers' says: "
                            + String.join("; ", real.notes()),
                    "measure a table with a primary key, or from a primary.");
        }
        if (!real.triggersToDisable().isEmpty()) {
            throw new OperatorException(
                    real.target().name() + " is copied over one stream whatever 'workers' says: its triggers are"
                            + " disabled by hand, as the role may not silence them",
                    "GRANT SET ON PARAMETER session_replication_role to the role (PostgreSQL 15 and later), or copy as a superuser.");
        }
    }

    private void remove(BenchTable scratch, @Nullable Exception failure) throws SQLException {
        // This work may have been told to stop, and its sessions with it.
        try (Session tidy = target.open(Work.unattended(work.applicationName()))) {
            scratch.remove(tidy);
        } catch (SQLException | RuntimeException e) {
            if (failure == null) {
                throw e;
            }
            // The record of the table is still there: the next measurement drops it.
            failure.addSuppressed(e);
        }
    }

    private WorkerBenchResult rounds(
            Plan plan, int most, BenchCopy bench, WorkerAdvice.Ends ends, Consumer<String> tell, List<String> notes)
            throws SQLException {
        long wanted = plan.rows() == null ? Long.MAX_VALUE : plan.rows();
        tell.accept("warming up with 1 worker, at most " + EACH.toSeconds() + " s");
        WorkerMeasurement warm = bench.run(1, wanted, null, EACH, "warm-up");
        if (warm.rows() == 0) {
            throw new OperatorException(
                    plan.table() + " in database '" + source.name() + "' is empty: there is nothing to measure with",
                    "measure a table with rows, many if possible.");
        }
        boolean whole = plan.rows() == null && warm.duration().compareTo(EACH) < 0;
        long rows = plan.rows() == null ? warm.rows() : plan.rows();
        long batch = Math.max(ChunkSize.SMALLEST, Math.min(ChunkSize.LARGEST, rows / (CHUNKS_OF_WORKER * (long) most)));
        tell.accept("each copy: " + (whole ? "all " : "about ") + rows + " rows in chunks of " + batch + ", with 1 to "
                + most + " workers and back, " + 2 * most + " copies");
        Duration atMost = plan.rows() == null ? EACH.multipliedBy(2) : null;
        TreeMap<Integer, WorkerMeasurement> sums = new TreeMap<>();
        double spread = 0;
        for (int i = 0; i < 2 * most; i++) {
            int workers = i < most ? i + 1 : 2 * most - i;
            String words = workers + (workers == 1 ? " worker" : " workers") + (i < most ? "" : " again");
            WorkerMeasurement one = bench.run(workers, whole ? Long.MAX_VALUE : rows, batch, atMost, words);
            WorkerMeasurement before = sums.put(workers, one);
            if (before != null) {
                spread = Math.max(spread, difference(before, one));
                sums.put(workers, before.plus(one));
            }
        }
        describeMeasuring(most, plan, warm, batch, spread, notes);
        List<WorkerMeasurement> measured = List.copyOf(sums.values());
        return new WorkerBenchResult(
                plan.table(), source.name(), target.name(), measured, WorkerAdvice.of(measured, ends), batch, notes);
    }

    private static double difference(WorkerMeasurement a, WorkerMeasurement b) {
        double larger = Math.max(a.rowsPerSecond(), b.rowsPerSecond());
        return (larger - Math.min(a.rowsPerSecond(), b.rowsPerSecond())) / larger;
    }

    private void describeMeasuring(
            int most, Plan plan, WorkerMeasurement warm, long batch, double spread, List<String> notes) {
        if (plan.most() != null && plan.most() > most) {
            notes.add("measured up to " + most + " workers, as maxConnections allows no more");
        }
        if (spread > SAME) {
            notes.add("the two rounds differ by up to " + Math.round(spread * 100)
                    + " %: something else was going on; measure again when it is quiet");
        }
        if (warm.duration().compareTo(Duration.ofSeconds(2)) < 0) {
            notes.add("one worker needs less than 2 s for it, which is little to measure by; take a larger table");
        }
        notes.add(
                "measured in chunks of " + batch
                        + " rows, without triggers and foreign keys, unverified; a copy with workers 1 and"
                        + " without resume or batch goes in one transaction instead, builds indexes afterwards, and is faster than 1 worker here");
    }

    private WorkerAdvice.Ends ends(Session from, Session to) throws SQLException {
        return new WorkerAdvice.Ends(
                source.name(),
                target.name(),
                roundTrip(from),
                roundTrip(to),
                source.settings().local() || target.settings().local());
    }

    private static Duration roundTrip(Session session) throws SQLException {
        long[] nanos = new long[ROUND_TRIPS];
        for (int i = 0; i < ROUND_TRIPS; i++) {
            long start = System.nanoTime();
            session.query("select 1");
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return Duration.ofNanos(nanos[ROUND_TRIPS / 2]);
    }

    /** What {@link #measure} would do. Reads both catalogues and changes nothing. */
    public List<PlannedAction> describe(Plan plan) throws SQLException {
        int most = mostWorkers(plan);
        try (Session from = source.open(work);
                Session to = target.open(work)) {
            PreparedCopy real = prepare(plan, plan.table(), from, to);
            refuse(real);
            BenchTable scratch = BenchTable.like(to, real.target().name());
            return new WorkerBenchDescription(source.name(), target.name(), real, scratch).actions(plan, most);
        }
    }
}
