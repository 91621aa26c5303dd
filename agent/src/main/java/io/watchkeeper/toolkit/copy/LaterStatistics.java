package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Renews the target's statistics of several tables at once, for each statement is a round trip. Large tables do not wait for
 * others.
 */
final class LaterStatistics {

    private static final int MOST_TABLES = 50;
    private static final long MOST_ROWS = 100_000;

    private record Waiting(PreparedCopy copy, CopyResult result, Consumer<CopyResult> whenDone) {}

    private final List<Waiting> waiting = new ArrayList<>();
    private long rows;

    /** @param whenDone gets the result with its time and notes added */
    void add(PreparedCopy copy, CopyResult result, Consumer<CopyResult> whenDone) {
        waiting.add(new Waiting(copy, result, whenDone));
        rows += result.rowsWritten();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Whether there is enough to do. */
    boolean isDue() {
        return waiting.size() >= MOST_TABLES || rows >= MOST_ROWS;
    }

    /** The rows are there already, so that a failure is a note of the table and no failure. */
    void renew(Session target) {
        List<Waiting> now = List.copyOf(waiting);
        waiting.clear();
        rows = 0;
        if (now.size() > 1 && renewTogether(target, now)) {
            return;
        }
        now.forEach(one -> one.whenDone.accept(Statistics.renew(target, one.copy, one.result)));
    }

    /** @return false when it failed, or had something to say, and each table must be asked by itself */
    private static boolean renewTogether(Session target, List<Waiting> tables) {
        long start = System.nanoTime();
        Progress progress = new Progress(tables.size() + " tables", CopyResult.Stage.ANALYZE.toString(), 0, -1, 0);
        target.work().progress(progress);
        String names =
                tables.stream().map(one -> one.copy.target().name().quoted()).collect(Collectors.joining(", "));
        try {
            boolean silent = target.call(() -> {
                try (Statement statement = target.connection().createStatement()) {
                    statement.execute("ANALYZE " + names);
                    SQLWarning warning = statement.getWarnings();
                    return warning == null;
                }
            });
            if (silent) {
                Duration share = Duration.ofNanos((System.nanoTime() - start) / tables.size());
                tables.forEach(one -> one.whenDone.accept(one.result.with(CopyResult.Stage.ANALYZE, share, List.of())));
            }
            return silent;
        } catch (SQLException e) {
            return false;
        } finally {
            target.work().progress(Progress.finished(progress.subject()));
        }
    }

    /** There is no session to renew them in. */
    void giveUp(Exception reason) {
        List<String> note = List.of("analyze failed: " + reason.getMessage());
        waiting.forEach(one -> one.whenDone.accept(one.result.with(CopyResult.Stage.ANALYZE, Duration.ZERO, note)));
        waiting.clear();
    }
}
