package io.watchkeeper.toolkit.copy;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** What the chunks of a copy came to in this run, over all workers and attempts. */
final class ChunkTotals {

    private final Map<CopyResult.Stage, Duration> stages = new EnumMap<>(CopyResult.Stage.class);
    private int chunks;
    private long rowsRead;
    private long rowsWritten;
    private long bytes;

    /** @param written rows, which a merge has fewer of than it read */
    synchronized void add(RowStream stream, long written) {
        chunks++;
        rowsRead += stream.rowsRead();
        rowsWritten += written;
        bytes += stream.bytes();
        add(CopyResult.Stage.EXTRACT, stream.extractTime());
        add(CopyResult.Stage.LOAD, stream.loadTime());
    }

    synchronized void add(CopyResult.Stage stage, Duration time) {
        stages.merge(stage, time, Duration::plus);
    }

    /** Rows that were written on the source while the chunks were copied. */
    synchronized void addCaughtUp(RowStream stream, long written) {
        rowsRead += stream.rowsRead();
        rowsWritten += written;
        bytes += stream.bytes();
    }

    synchronized int chunks() {
        return chunks;
    }

    synchronized long rowsRead() {
        return rowsRead;
    }

    synchronized long rowsWritten() {
        return rowsWritten;
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized Map<CopyResult.Stage, Duration> stages() {
        return new EnumMap<>(stages);
    }
}
