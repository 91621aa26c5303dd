package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Copies the first rows of a table into a scratch table, by the workers of a copy in chunks, and counts what that took. */
final class BenchCopy {

    private final Database source;
    private final Database target;
    private final Session from;
    private final Session to;
    private final CopyLedger ledger;
    private final PreparedCopy copy;

    /** @param copy into the scratch table, which the ledger was taken for */
    BenchCopy(Database source, Database target, Session from, Session to, CopyLedger ledger, PreparedCopy copy) {
        this.source = source;
        this.target = target;
        this.from = from;
        this.to = to;
        this.ledger = ledger;
        this.copy = copy;
    }

    /**
     * Copies once.
     *
     * @param rows to be copied, about; the table may have fewer
     * @param batch rows of a chunk; null to choose as a copy does
     * @param atMost no chunk begins after so long; null for no limit
     * @param words for whoever watches
     */
    WorkerMeasurement run(int workers, long rows, @Nullable Long batch, @Nullable Duration atMost, String words)
            throws SQLException {
        boolean oneView = copy.chunking() == Chunking.ONE_VIEW;
        try (CopyProgress progress = new CopyProgress(to.work(), words, expected(rows))) {
            SourceMark mark = new ChunkSource(copy).open(from, null, false);
            String snapshot = oneView ? from.one("select pg_export_snapshot()", row -> row.getString(1)) : null;
            if (!oneView) {
                from.rollback();
            }
            CopyLedger.Entry entry = begin(mark);
            ChunkTotals totals = new ChunkTotals();
            ChunkSize size = ChunkSize.of(batch, copy);
            ChunkWorker.Shared shared = new ChunkWorker.Shared(
                    copy,
                    entry,
                    ChunkRanges.of(copy, entry),
                    copy.target().name(),
                    snapshot,
                    new RateLimit(null, to.work()),
                    progress,
                    totals,
                    size);
            Optional<HostCpu> before = HostCpu.now();
            long start = System.nanoTime();
            hand(shared, workers, rows, atMost == null ? Long.MAX_VALUE : atMost.toNanos());
            Duration duration = Duration.ofNanos(System.nanoTime() - start);
            HostCpu cpu =
                    before.flatMap(b -> HostCpu.now().map(now -> now.since(b))).orElse(null);
            ledger.forget(entry);
            return new WorkerMeasurement(
                    workers,
                    totals.rowsRead(),
                    totals.bytes(),
                    duration,
                    totals.stages().getOrDefault(CopyResult.Stage.EXTRACT, Duration.ZERO),
                    totals.stages().getOrDefault(CopyResult.Stage.LOAD, Duration.ZERO),
                    cpu);
        } finally {
            from.rollback();
        }
    }

    private long expected(long rows) {
        long known = copy.source().estimatedRows();
        return known < 0 ? (rows == Long.MAX_VALUE ? -1 : rows) : Math.min(rows, known);
    }

    /** The scratch table empty, and the copy on record, as every copy in chunks begins. */
    private CopyLedger.Entry begin(SourceMark mark) throws SQLException {
        to.begin();
        try {
            List<String> statements = new ArrayList<>();
            statements.add(CopySql.pinnedSettings(copy.holdsObjectNames()));
            statements.addAll(CopySql.silence(List.of(copy)));
            statements.addAll(CopySql.empty(List.of(copy)));
            statements.add(CopyLedger.discard(copy.target().name()));
            to.update(String.join("; ", statements));
            CopyLedger.Entry entry = ledger.begin(
                    "measurement",
                    ChunkRanges.choose(from, copy, mark),
                    false,
                    copy.source().name(),
                    null,
                    mark);
            to.commit();
            return entry;
        } catch (SQLException | RuntimeException e) {
            to.rollback();
            throw e;
        }
    }

    private void hand(ChunkWorker.Shared shared, int workers, long rows, long nanos) throws SQLException {
        ChunkQueue queue = new ChunkQueue(from, ledger, shared.entry(), shared.ranges(), shared.size());
        long start = System.nanoTime();
        long handed = 0;
        try (ChunkWorkers threads =
                new ChunkWorkers(() -> ChunkWorker.open(shared, source, target, to.work()), to.work())) {
            threads.resize(workers);
            while (handed < rows && System.nanoTime() - start < nanos) {
                handed += shared.size().rows();
                Chunk chunk = queue.next();
                if (chunk == null || !threads.give(chunk)) {
                    break;
                }
            }
            ChunkWorkers.Failure failure = threads.finish();
            if (failure != null) {
                throw failure.rethrown();
            }
        }
    }
}
