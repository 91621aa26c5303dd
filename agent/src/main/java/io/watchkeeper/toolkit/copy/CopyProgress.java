package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.util.concurrent.TimeUnit;

/**
 * Says how far the copy of one table is, over all of its streams, which add to it from their own threads; not more often than
 * people can read. From its making, best before anything waits for a lock, until it is closed the table counts as worked on.
 */
public final class CopyProgress implements AutoCloseable {

    private static final String PREPARE = "prepare";
    /** Rows that wait are still on their way. */
    public static final String WAITING = "waiting: ";

    private static final String LOAD = CopyResult.Stage.LOAD.toString();
    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Work work;
    private final String subject;
    private final long estimatedRows;

    /** Guarded by this, as the rest; reports are made under it, too, so that figures never go back. */
    private String stage = PREPARE;

    private long rows;
    private long bytes;
    private long nextReport;
    private boolean closed;

    public CopyProgress(Work work, PreparedCopy copy) {
        this(work, copy.source().name().toString(), copy.source().estimatedRows());
    }

    /** @param estimatedRows -1 when unknown */
    public CopyProgress(Work work, String subject, long estimatedRows) {
        this.work = work;
        this.subject = subject;
        this.estimatedRows = estimatedRows;
        report();
    }

    /** A stream has moved so much more. */
    public synchronized void loaded(long moreRows, long moreBytes) {
        rows += moreRows;
        bytes += moreBytes;
        boolean begins = !stage.equals(LOAD);
        stage = LOAD;
        if (begins || System.nanoTime() - nextReport >= 0) {
            report();
        }
    }

    /** An attempt begins where an earlier one ended: so many rows are in already. */
    public synchronized void startFrom(long rowsIn) {
        rows = rowsIn;
        stage = PREPARE;
        report();
    }

    /** Says so now, because something else begins: something that counts no rows, so that its time is all there is to see. */
    public synchronized void stage(String next) {
        if (!stage.equals(next)) {
            if (stage.equals(LOAD)) {
                // The last figures of the load, which may have been held back.
                report();
            }
            stage = next;
            report();
        }
    }

    private synchronized void report() {
        if (!closed) {
            nextReport = System.nanoTime() + REPORT_NANOS;
            boolean counts = stage.equals(LOAD) || stage.equals(PREPARE) || stage.startsWith(WAITING);
            work.progress(new Progress(subject, stage, rows, counts ? estimatedRows : -1, bytes));
        }
    }

    /** The table is not worked on any more, whether it succeeded or not. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            work.progress(Progress.finished(subject));
        }
    }
}
