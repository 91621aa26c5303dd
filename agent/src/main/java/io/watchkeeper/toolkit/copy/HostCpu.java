package io.watchkeeper.toolkit.copy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Processor time since the host started, in its kernel's ticks, and since this process started.
 *
 * @param busy ticks of all processors that did something
 * @param all ticks of all processors
 * @param own of this process
 */
record HostCpu(long busy, long all, Duration own) {

    private static final Path STAT = Path.of("/proc/stat");

    /** Empty where the kernel does not say. */
    static Optional<HostCpu> now() {
        try {
            long[] ticks = Arrays.stream(Files.readAllLines(STAT).get(0).split("\\s+"))
                    .skip(1)
                    .limit(8) // what guests use is counted among the others, too
                    .mapToLong(Long::parseLong)
                    .toArray();
            long all = Arrays.stream(ticks).sum();
            long idle = ticks[3] + ticks[4];
            Duration own = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
            return Optional.of(new HostCpu(all - idle, all, own));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** What was used from then to now. */
    HostCpu since(HostCpu then) {
        return new HostCpu(busy - then.busy, all - then.all, own.minus(then.own));
    }

    HostCpu plus(HostCpu other) {
        return new HostCpu(busy + other.busy, all + other.all, own.plus(other.own));
    }

    /** From 0 to 1; for the difference of two. */
    double busyShare() {
        return all <= 0 ? 0 : (double) busy / all;
    }
}
