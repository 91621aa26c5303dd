package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Renews the target's statistics after a copy. The rows are there already, so that a failure is a note and no failure. */
public final class Statistics {

    private Statistics() {}

    public static CopyResult renew(Session target, PreparedCopy copy, CopyResult result) {
        long start = System.nanoTime();
        List<String> notes = new ArrayList<>();
        String subject = copy.source().name().toString();
        target.work()
                .progress(new Progress(
                        subject, CopyResult.Stage.ANALYZE.toString(), result.rowsWritten(), -1, result.bytes()));
        try {
            target.call(() -> {
                try (Statement statement = target.connection().createStatement()) {
                    statement.execute("ANALYZE " + copy.target().name().quoted());
                    // Without the right to, PostgreSQL warns and goes on.
                    for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                        notes.add("analyze: " + w.getMessage());
                    }
                }
                return true;
            });
        } catch (SQLException e) {
            notes.add("analyze failed: " + e.getMessage());
        } finally {
            target.work().progress(Progress.finished(subject));
        }
        return result.with(CopyResult.Stage.ANALYZE, Duration.ofNanos(System.nanoTime() - start), notes);
    }
}
