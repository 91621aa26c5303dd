package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Copies one chunk after the other: each in a transaction of the target that also records that it is in. */
final class ChunkWorker implements ChunkWorkers.Worker {

    private static final String STAGING = "watchkeeper_chunk";

    /** What the workers of a copy have in common. */
    record Shared(
            PreparedCopy copy,
            CopyLedger.Entry entry,
            ChunkRanges ranges,
            TableName filled,
            @Nullable String snapshot,
            RateLimit limit,
            CopyProgress progress,
            ChunkTotals totals,
            ChunkSize size) {}

    private final Shared shared;
    private final ChunkSource views;
    private final Session source;
    private final Session target;

    private ChunkWorker(Shared shared, Session source, Session target) throws SQLException {
        this.shared = shared;
        this.views = new ChunkSource(shared.copy);
        this.source = source;
        this.target = target;
        if (shared.snapshot != null) {
            views.join(source, shared.snapshot);
        }
    }

    static ChunkWorker open(Shared shared, Database from, Database to, Work work) throws SQLException {
        Session source = from.open(work);
        try {
            Session target = to.open(work);
            try {
                return new ChunkWorker(shared, source, target);
            } catch (SQLException | RuntimeException e) {
                target.close();
                throw e;
            }
        } catch (SQLException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    @Override
    public void copy(Chunk chunk) throws SQLException {
        long start = System.nanoTime();
        if (shared.snapshot == null) {
            views.openForChunk(source, shared.entry.begun(), shared.ranges instanceof PageRanges);
        }
        try {
            load(chunk, start);
        } finally {
            if (shared.snapshot == null) {
                source.rollback();
            }
        }
    }

    private void load(Chunk chunk, long start) throws SQLException {
        if (shared.snapshot == null) {
            source.update("SAVEPOINT chunk");
        }
        try {
            attempt(chunk, start, false);
            return;
        } catch (SQLException e) {
            if (shared.snapshot != null || shared.copy.mergeKey() != null || !SqlStates.isDuplicate(e)) {
                throw e;
            }
        }
        source.update("ROLLBACK TO SAVEPOINT chunk");
        attempt(chunk, start, true);
    }

    private void attempt(Chunk chunk, long start, boolean leaveOut) throws SQLException {
        RowStream stream = new RowStream(source, target, shared.limit, shared.progress);
        try {
            long written = load(chunk, stream, leaveOut);
            shared.totals.add(stream, written);
            shared.size.took(stream.rowsRead(), Duration.ofNanos(System.nanoTime() - start));
        } catch (SQLException | RuntimeException e) {
            shared.progress.loaded(-stream.rowsSeen(), -stream.bytes());
            target.rollback();
            throw e;
        }
    }

    /**
     * Loads the chunk and commits it.
     *
     * @param leaveOut whether rows that meet a unique value are left out. Two rows with one unique value come from two views of the
     *     source, so that the newer one was written meanwhile: the catch-up brings it, and replaces or deletes the older one
     */
    private long load(Chunk chunk, RowStream stream, boolean leaveOut) throws SQLException {
        PreparedCopy copy = shared.copy;
        target.begin();
        List<String> before = new ArrayList<>();
        before.add(CopySql.pinnedSettings(copy.holdsObjectNames()));
        // A crash of the server may undo the chunk and the record of it, but never one without the other. What commits
        // last
        // waits for the disk, and that is after all chunks.
        before.add("select set_config('synchronous_commit', 'off', true)");
        before.addAll(CopySql.silence(List.of(copy)));
        target.update(String.join("; ", before));
        String rows = CopySql.copyOut(
                copy, chunk.relation(), shared.ranges.condition(chunk).orElse(null));
        long written;
        if (copy.mergeKey() != null) {
            written = merge(chunk, stream, rows, new MergeLoad(copy));
        } else if (leaveOut) {
            written = loadWhatFits(stream, rows);
        } else {
            stream.pump(rows, CopySql.copyIn(copy, shared.filled, false));
            written = stream.rowsWritten();
        }
        List<String> after = CopySql.endSilence(copy);
        if (!after.isEmpty()) {
            target.update(String.join("; ", after));
        }
        long leftOut = leaveOut ? stream.rowsRead() - written : 0;
        CopyLedger.done(target, shared.entry, chunk, written, stream.bytes(), leftOut);
        target.commit();
        return written;
    }

    private long loadWhatFits(RowStream stream, String rows) throws SQLException {
        String columns = Identifiers.quoteAll(shared.copy.columnNames());
        target.update("CREATE TEMP TABLE " + STAGING + " ON COMMIT DROP AS SELECT " + columns + " FROM "
                + shared.filled.quoted() + " WITH NO DATA");
        stream.pump(rows, "COPY pg_temp." + STAGING + " FROM STDIN (FORMAT " + shared.copy.format() + ")");
        return target.update(
                "INSERT INTO " + shared.filled.quoted() + " (" + columns + ") OVERRIDING SYSTEM VALUE SELECT " + columns
                        + " FROM pg_temp." + STAGING + " ON CONFLICT DO NOTHING");
    }

    /** What a merge leaves in the target beside these rows is not the source's, so each chunk is compared in its own view. */
    private long merge(Chunk chunk, RowStream stream, String rows, MergeLoad merge) throws SQLException {
        target.runVerbatim(String.join("; ", merge.createStaging()));
        stream.pump(rows, merge.copyIn());
        long start = System.nanoTime();
        long written = merge.apply(target);
        long merged = System.nanoTime();
        shared.totals.add(CopyResult.Stage.MERGE, Duration.ofNanos(merged - start));
        if (shared.copy.plan().options().verify()) {
            DigestCheck check = new DigestCheck(source, target, shared.copy);
            String condition = shared.ranges.condition(chunk).orElse(null);
            DigestCheck.Outcome outcome = check.compare(
                    CopySql.sourceDigest(shared.copy, List.of(chunk.relation()), condition),
                    merge.digest(),
                    TargetQuestions.NONE);
            if (!outcome.isMatch()) {
                throw check.mismatch(outcome, "this chunk was left out, those before it are in");
            }
            shared.totals.add(CopyResult.Stage.VERIFY, Duration.ofNanos(System.nanoTime() - merged));
        }
        target.runVerbatim(merge.dropStaging());
        return written;
    }

    @Override
    public void close() throws SQLException {
        try (source) {
            target.close();
        }
    }
}
