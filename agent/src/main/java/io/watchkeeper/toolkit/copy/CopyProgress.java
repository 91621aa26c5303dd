package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Says how far the copy of one table is, over all of its streams; not more often than people can read. */
final class CopyProgress {

    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Work work;
    private final String subject;
    private final long estimatedRows;
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong nextReport = new AtomicLong(System.nanoTime());

    CopyProgress(Work work, PreparedCopy copy) {
        this.work = work;
        this.subject = copy.source().name().toString();
        this.estimatedRows = copy.source().estimatedRows();
    }

    void loaded(long moreRows, long moreBytes) {
        rows.addAndGet(moreRows);
        bytes.addAndGet(moreBytes);
        long due = nextReport.get();
        if (System.nanoTime() - due >= 0 && nextReport.compareAndSet(due, System.nanoTime() + REPORT_NANOS)) {
            report("load");
        }
    }

    /** Says so now, because something else begins. */
    void stage(String stage) {
        report(stage);
    }

    private void report(String stage) {
        work.progress(new Progress(subject, stage, rows.get(), estimatedRows, bytes.get()));
    }
}
