package io.watchkeeper.toolkit.verify;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says how far the verification of one table is, and keeps the time of its stages. */
final class VerifyProgress implements AutoCloseable {

    private final Work work;
    private final String subject;
    private final Map<VerifyResult.Stage, Duration> times = new EnumMap<>(VerifyResult.Stage.class);
    private final long begun = System.nanoTime();
    private VerifyResult.@Nullable Stage stage;
    private long stageBegun = begun;
    private long totalRows = -1;

    VerifyProgress(Work work, String subject) {
        this.work = work;
        this.subject = subject;
        work.progress(new Progress(subject, "prepare", 0, -1, 0));
    }

    void expect(long rows) {
        totalRows = rows;
    }

    void stage(VerifyResult.Stage next, long rows) {
        end();
        stage = next;
        stageBegun = System.nanoTime();
        compared(rows);
    }

    void compared(long rows) {
        if (stage != null) {
            boolean counts = stage == VerifyResult.Stage.VERIFY;
            work.progress(new Progress(subject, stage.toString(), rows, counts ? totalRows : -1, 0));
        }
    }

    /** The stage that began last is over. */
    void end() {
        if (stage != null) {
            times.merge(stage, Duration.ofNanos(System.nanoTime() - stageBegun), Duration::plus);
            stage = null;
        }
    }

    Map<VerifyResult.Stage, Duration> times() {
        return times;
    }

    Duration sinceBegin() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Override
    public void close() {
        work.progress(Progress.finished(subject));
    }
}
