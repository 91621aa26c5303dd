package io.watchkeeper.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a command and counts what it costs. */
final class MeasuredCommand {

    /** The kernel counts CPU time in hundredths of a second. */
    private static final double TICKS = 100.0;

    private static final long LOOK_MS = 10;

    /**
     * What a command cost.
     *
     * @param seconds from its start to its end
     * @param machineCpuSeconds of all processes of the machine meanwhile, so nothing else may run
     * @param ownCpuSeconds of the command's own processes, without the servers
     * @param peakMegabytes resident memory, at its most, of the largest of the command's processes
     */
    record Cost(double seconds, double machineCpuSeconds, double ownCpuSeconds, double peakMegabytes) {}

    private MeasuredCommand() {}

    /**
     * Runs it by bash, its environment added to this process's.
     *
     * @throws IllegalStateException when it fails, with what it wrote
     */
    static Cost run(String command, Map<String, String> environment, Path output) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", "set -o pipefail; " + command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        double machine = machineCpuSeconds();
        double own = childrenCpuSeconds();
        long start = System.nanoTime();
        Process process = builder.start();
        Map<Long, Long> peaks = new HashMap<>();
        while (!process.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
            look(process, peaks);
        }
        Cost cost = new Cost(
                (System.nanoTime() - start) / 1e9,
                machineCpuSeconds() - machine,
                childrenCpuSeconds() - own,
                peaks.values().stream().mapToLong(k -> k).max().orElse(0) * 1024 / 1e6);
        if (process.exitValue() != 0) {
            throw new IllegalStateException(
                    command + "\nended with " + process.exitValue() + ":\n" + Files.readString(output));
        }
        return cost;
    }

    static Cost run(String command, Path output) throws IOException, InterruptedException {
        return run(command, Map.of(), output);
    }

    /** The kernel remembers a process's peak as long as it lives, so that a late look misses little. */
    private static void look(Process process, Map<Long, Long> peaks) {
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .forEach(pid -> peaks.merge(pid, peakKibibytes(pid), Math::max));
    }

    private static long peakKibibytes(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0; // it has ended
        }
    }

    /** What all processes of the machine have used, in user and in system mode. */
    private static double machineCpuSeconds() throws IOException {
        long[] ticks = Arrays.stream(Files.readAllLines(Path.of("/proc/stat")).get(0).split("\\s+"))
                .skip(1)
                .mapToLong(Long::parseLong)
                .toArray();
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TICKS;
    }

    /** What this process's children have used that ended and were waited for, and theirs. */
    private static double childrenCpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        // The program's name, in parentheses, may hold blanks.
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        return (Long.parseLong(fields.get(13)) + Long.parseLong(fields.get(14))) / TICKS;
    }
}
