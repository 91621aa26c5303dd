package io.watchkeeper.engine;

import io.watchkeeper.postgres.Progress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What can honestly be said about one subject of a running run at one moment.
 *
 * @param inStage how long its present stage has been going on
 * @param percent of the estimated rows, or bytes where no rows are counted; null while there is no estimate, and when it has turned out too low
 * @param rowsPerSecond over about the last ten seconds; null when the stage counts no rows, or has only begun
 * @param bytesPerSecond likewise
 * @param left of this stage; null while nobody can know
 * @param overEstimate more rows came than were estimated: when it ends cannot be said
 * @param stalled how long nothing has moved; null when something does, or nothing is meant to
 */
public record ProgressLine(
        Progress progress,
        Duration inStage,
        @Nullable Integer percent,
        @Nullable Long rowsPerSecond,
        @Nullable Long bytesPerSecond,
        @Nullable Duration left,
        boolean overEstimate,
        @Nullable Duration stalled) {

    static ProgressLine of(Progress progress, Speed speed, long nanoTime, long nanosInStage) {
        OptionalDouble rowRate = progress.countsRows() ? speed.rowsPerSecond(nanoTime) : OptionalDouble.empty();
        OptionalDouble byteRate = speed.bytesPerSecond(nanoTime);
        boolean byBytes = !progress.countsRows();
        long done = byBytes ? progress.bytes() : progress.rows();
        long total = byBytes ? progress.totalBytes() : progress.totalRows();
        double rate = (byBytes ? byteRate : rowRate).orElse(0);
        boolean known = total > 0 && done <= total;
        boolean foreseeable = known && done < total && rate >= 1e-3;
        long stalled = speed.stalledNanos(nanoTime);
        return new ProgressLine(
                progress,
                Duration.ofNanos(nanosInStage),
                known ? (int) (100.0 * done / total) : null,
                rounded(rowRate),
                rounded(byteRate),
                foreseeable ? Duration.ofSeconds(Math.round((total - done) / rate)) : null,
                total > 0 && done > total,
                stalled == 0 ? null : Duration.ofNanos(stalled));
    }

    private static @Nullable Long rounded(OptionalDouble rate) {
        return rate.isEmpty() ? null : (Long) Math.round(rate.getAsDouble());
    }

    /** As it stands in the run document and in events, without the run's own fields. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("subject", progress.subject());
        fields.put("stage", progress.stage());
        fields.put("stageMs", inStage.toMillis());
        fields.put("rows", progress.rows());
        fields.put("bytes", progress.bytes());
        if (progress.totalRows() > 0) {
            fields.put("totalRows", progress.totalRows());
        }
        if (progress.totalBytes() > 0) {
            fields.put("totalBytes", progress.totalBytes());
        }
        put(fields, "percent", percent);
        put(fields, "rowsPerSecond", rowsPerSecond);
        put(fields, "bytesPerSecond", bytesPerSecond);
        put(fields, "etaSeconds", left == null ? null : (Long) left.toSeconds());
        if (overEstimate) {
            fields.put("overEstimate", true);
        }
        put(fields, "stalledSeconds", stalled == null ? null : (Long) stalled.toSeconds());
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }
}
