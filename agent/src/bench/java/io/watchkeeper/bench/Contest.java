package io.watchkeeper.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Several ways to do the same, measured in turn: every round runs each of them once, so that what changes on the machine meanwhile
 * changes for all. The first round warms the caches and does not count.
 */
final class Contest {

    /** What has to be done before or after, and is not measured. */
    interface Chore {
        void run() throws SQLException, IOException;
    }

    /**
     * One way to do it.
     *
     * @param command for bash
     * @param before makes the target as it is to be found
     * @param after throws when the work was not done
     */
    record Contender(String name, String command, Map<String, String> environment, Chore before, Chore after) {
        Contender(String name, String command, Chore before, Chore after) {
            this(name, command, Map.of(), before, after);
        }
    }

    /** Medians over the rounds, and the times' range. */
    record Result(
            String name, double seconds, double shortest, double longest, double machineCpu, double ownCpu, double megabytes) {}

    private final BenchServers servers;
    private final List<Contender> contenders = new ArrayList<>();

    Contest(BenchServers servers) {
        this.servers = servers;
    }

    void add(Contender contender) {
        contenders.add(contender);
    }

    /** @return in the order in which they were added */
    Map<String, Result> run(int rounds) throws IOException, InterruptedException, SQLException {
        Map<String, List<MeasuredCommand.Cost>> costs = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Contender contender : contenders) {
                contender.before.run();
                servers.checkpoint();
                MeasuredCommand.Cost cost = MeasuredCommand.run(
                        contender.command, contender.environment, servers.folder().resolve("output"));
                contender.after.run();
                if (round > 0) {
                    costs.computeIfAbsent(contender.name, n -> new ArrayList<>()).add(cost);
                }
            }
        }
        Map<String, Result> results = new LinkedHashMap<>();
        costs.forEach((name, list) -> results.put(name, result(name, list)));
        return results;
    }

    private static Result result(String name, List<MeasuredCommand.Cost> costs) {
        double[] seconds = sorted(costs, MeasuredCommand.Cost::seconds);
        return new Result(
                name,
                seconds[seconds.length / 2],
                seconds[0],
                seconds[seconds.length - 1],
                median(costs, MeasuredCommand.Cost::machineCpuSeconds),
                median(costs, MeasuredCommand.Cost::ownCpuSeconds),
                median(costs, MeasuredCommand.Cost::peakMegabytes));
    }

    private static double median(List<MeasuredCommand.Cost> costs, ToDoubleFunction<MeasuredCommand.Cost> value) {
        return sorted(costs, value)[costs.size() / 2];
    }

    private static double[] sorted(List<MeasuredCommand.Cost> costs, ToDoubleFunction<MeasuredCommand.Cost> value) {
        return costs.stream().mapToDouble(value).sorted().toArray();
    }

    /**
     * Prints a line for each.
     *
     * @param emptyRun of them, which is Watchkeeper's start and end; its time is taken off the others of Watchkeeper in a column
     */
    static void print(Map<String, Result> results, String emptyRun) {
        Result empty = results.get(emptyRun);
        if (empty == null) {
            throw new IllegalArgumentException("nothing is called " + emptyRun);
        }
        System.out.printf(
                "%-58s %8s %10s %7s %7s %9s %7s %6s %7s%n",
                "", "median s", "less empty", "min", "max", "all CPU s", "own CPU", "share", "peak MB");
        for (Result result : results.values()) {
            boolean ours = result.name.startsWith("watchkeeper") && !result.name.equals(emptyRun);
            System.out.printf(
                    "%-58s %8.2f %10s %7.2f %7.2f %9.2f %7.2f %5.0f%% %7.0f%n",
                    result.name,
                    result.seconds,
                    ours ? "%.2f".formatted(result.seconds - empty.seconds) : "",
                    result.shortest,
                    result.longest,
                    result.machineCpu,
                    result.ownCpu,
                    100 * result.ownCpu / Math.max(0.01, result.machineCpu),
                    result.megabytes);
        }
    }
}
