package io.watchkeeper.toolkit.copy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What so many workers did.
 *
 * @param bytes as COPY data
 * @param extract how long the workers waited for the source, all of them together
 * @param load how long they waited for the target, likewise
 * @param cpu what the agent's host used meanwhile; null where unknown
 */
record WorkerMeasurement(
        int workers,
        long rows,
        long bytes,
        Duration duration,
        Duration extract,
        Duration load,
        @Nullable HostCpu cpu) {

    /** Both rounds together. */
    WorkerMeasurement plus(WorkerMeasurement other) {
        return new WorkerMeasurement(
                workers,
                rows + other.rows,
                bytes + other.bytes,
                duration.plus(other.duration),
                extract.plus(other.extract),
                load.plus(other.load),
                cpu == null || other.cpu == null ? null : cpu.plus(other.cpu));
    }

    double rowsPerSecond() {
        return perSecond(rows);
    }

    double bytesPerSecond() {
        return perSecond(bytes);
    }

    private double perSecond(long count) {
        return count * 1e9 / Math.max(1, duration.toNanos());
    }

    /** The part of the workers' time, from 0 to 1, in which they waited for the source. */
    double waitingForSource() {
        return shareOf(extract);
    }

    /** Likewise for the target. */
    double waitingForTarget() {
        return shareOf(load);
    }

    private double shareOf(Duration waited) {
        return Math.min(1, (double) waited.toNanos() / Math.max(1, duration.toNanos() * workers));
    }

    /** As it stands in the run document. */
    Map<String, Object> fields(WorkerMeasurement one) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("workers", workers);
        fields.put("rowsWritten", rows);
        fields.put("bytes", bytes);
        fields.put("durationMs", duration.toMillis());
        fields.put("rowsPerSecond", Math.round(rowsPerSecond()));
        fields.put("bytesPerSecond", Math.round(bytesPerSecond()));
        fields.put("gain", rounded(rowsPerSecond() / one.rowsPerSecond()));
        fields.put("waitingForSource", rounded(waitingForSource()));
        fields.put("waitingForTarget", rounded(waitingForTarget()));
        if (cpu != null) {
            fields.put("cpuOfHost", rounded(cpu.busyShare()));
            fields.put("ownCpuSeconds", rounded(cpu.own().toNanos() / 1e9));
        }
        return fields;
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
