package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Tells how far a dump or its restore is, by what PostgreSQL's programs say when they begin a table, and by the bytes that passed. */
final class DumpProgress {

    /** Of what takes no time worth telling of. */
    static final DumpProgress NONE = new DumpProgress(Work.unattended(""), "", "", 0);

    /** pg_dump's word, and pg_restore's. */
    private static final Pattern TABLE = Pattern.compile("(?:dumping contents of|processing data for) table ");

    private final Work work;
    private final String subject;
    private final String stage;
    private final int tables;
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    DumpProgress(Work work, String subject, String stage, int tables) {
        this.work = work;
        this.subject = subject;
        this.stage = stage;
        this.tables = tables;
        tell();
    }

    /** A line of a program's standard error. */
    void said(String line) {
        if (TABLE.matcher(line).find()) {
            begun.incrementAndGet();
            tell();
        }
    }

    /** @param soFar bytes in all */
    void wrote(long soFar) {
        bytes.set(soFar);
        tell();
    }

    private void tell() {
        if (!subject.isEmpty()) {
            // The one begun last is not done yet.
            long done = Math.max(0, begun.get() - 1);
            String howFar = tables > 0 ? stage + ", " + done + " of " + tables + " tables" : stage;
            work.progress(Progress.ofBytes(subject, howFar, bytes.get(), 0));
        }
    }
}
