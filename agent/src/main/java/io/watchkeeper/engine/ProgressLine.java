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
 * @param percent of the estimated rows; null while there is no estimate, and when it has turned out too low
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
        long rows = progress.rows();
        long total = progress.totalRows();
        OptionalDouble rowRate = speed.rowsPerSecond(nanoTime);
        OptionalDouble byteRate = speed.bytesPerSecond(nanoTime);
        boolean known = total > 0 && rows <= total;
        boolean foreseeable = known && rows < total && rowRate.orElse(0) >= 1e-3;
        long stalled = speed.stalledNanos(nanoTime);
        return new ProgressLine(
                progress,
                Duration.ofNanos(nanosInStage),
                known ? (int) (100.0 * rows / total) : null,
                rounded(rowRate),
                rounded(byteRate),
                foreseeable ? Duration.ofSeconds(Math.round((total - rows) / rowRate.getAsDouble())) : null,
                total > 0 && rows > total,
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
