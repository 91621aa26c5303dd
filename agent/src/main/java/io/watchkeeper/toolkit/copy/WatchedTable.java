package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Progress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What one table's progress has come to: its stages' times, rows and bytes. Not safe for several threads. */
final class WatchedTable {

    private static final String LOAD = CopyResult.Stage.LOAD.toString();

    private final Map<String, Long> nanosByStage = new HashMap<>();
    private String stage = "";
    private long since;
    private boolean ended;
    private long rowsBefore;
    private long rows;
    private long bytes;

    void note(Progress now, long nanoTime) {
        if (!stage.isEmpty()) {
            nanosByStage.merge(stage, nanoTime - since, Long::sum);
        }
        since = nanoTime;
        ended = now.isFinished();
        // Between the commit and ANALYZE nobody works on the table: that time is nobody's.
        stage = ended ? "" : now.stage();
        if (!nanosByStage.containsKey(LOAD) && !LOAD.equals(stage)) {
            // A copy that goes on counts from what is in already, which it has not moved.
            rowsBefore = now.rows();
        }
        rows = Math.max(rows, now.rows());
        bytes = Math.max(bytes, now.bytes());
    }

    boolean hasEnded() {
        return ended;
    }

    long rows() {
        return rows - rowsBefore;
    }

    /** What the limit speaks of, in its unit. */
    long value(CopyLimit limit, long nanoTime) {
        return switch (limit.kind()) {
            case LONGER_THAN -> TimeUnit.NANOSECONDS.toMillis(nanos(limit, nanoTime));
            case SLOWER_THAN -> Math.round(rows() * 1e9 / Math.max(1, nanosByStage.getOrDefault(LOAD, 0L)));
            case MORE_ROWS_THAN -> rows();
            case MORE_BYTES_THAN -> bytes;
        };
    }

    private long nanos(CopyLimit limit, long nanoTime) {
        CopyResult.Stage wanted = limit.stage();
        long past = wanted == null
                ? nanosByStage.values().stream().mapToLong(Long::longValue).sum()
                : nanosByStage.getOrDefault(wanted.toString(), 0L);
        boolean counts = wanted == null ? !stage.isEmpty() : wanted.toString().equals(stage);
        return past + (counts ? nanoTime - since : 0);
    }
}
