package io.watchkeeper.bench;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.alert.Alerts;
import io.watchkeeper.dsl.LoadResult;
import io.watchkeeper.dsl.RunbookLoader;
import io.watchkeeper.dsl.Toolbox;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.schedule.QuartzCron;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What maintenance costs users: {@code Maintenance [SECONDS [SCALE [RATE [ROUNDS [COST_LIMIT]]]]]}.
 *
 * <p>pgbench sends transactions at a fixed rate; meanwhile nothing else happens, or a runbook vacuums and analyzes all tables, or rebuilds their
 * indexes, or vacuumdb and reindexdb do. Each way has the same dead rows to remove, in turn in each round; the first round does not count. Only
 * transactions that end while the maintenance goes on are counted.
 */
public final class MaintenanceBench {

    private static final String RUNBOOKS =
            """
            runbook('vacuum') {
                step('maintenance') {
                    vacuum('source', 'public.*') { costLimit %d }
                    analyze('source', 'public.*')
                }
            }
            runbook('reindex') {
                step('maintenance') {
                    reindex('source', 'public.*')
                }
            }
            """;

    private final BenchServers servers;
    private final long seconds;
    private final long rate;
    private final Path logs;

    /** From when until when by the clock, in microseconds. */
    private record Window(long from, long to) {}

    private MaintenanceBench(BenchServers servers, long seconds, long rate) {
        this.servers = servers;
        this.seconds = seconds;
        this.rate = rate;
        this.logs = servers.folder().resolve("transactions");
    }

    public static void main(String[] arguments) throws Exception {
        long seconds = Arguments.number(arguments, 0, 60);
        long scale = Arguments.number(arguments, 1, 20);
        long rate = Arguments.number(arguments, 2, 150);
        int rounds = (int) Arguments.number(arguments, 3, 3);
        long costLimit = Arguments.number(arguments, 4, 200);
        try (BenchServers servers = BenchServers.start()) {
            new MaintenanceBench(servers, seconds, rate).run(scale, rounds, costLimit);
        }
    }

    private void run(long scale, int rounds, long costLimit) throws Exception {
        pgbench("--initialize", "--quiet", "--scale=" + scale);
        System.out.printf(
                "scale %d, %d transactions per second, %d rounds, cost limit %d%n", scale, rate, rounds, costLimit);
        URI uri = URI.create(servers.sourceUri());
        String to = " -h " + uri.getHost() + " -p " + uri.getPort() + " -U postgres postgres";
        String bin = PgBinaries.find(null).orElseThrow().program("vacuumdb").getParent() + "/";
        Path file = servers.runbooks().resolve("maintenance.groovy");
        Files.writeString(file, RUNBOOKS.formatted(costLimit));
        Path state = servers.folder().resolve("state");
        try (DatabasePools pools = servers.pools();
                RunbookRunner runner = new RunbookRunner(
                        "bench", state, pools, runbook -> Optional.empty(), List.of(), Clock.systemUTC())) {
            LoadResult loaded = loader(state).load(List.of(file));
            if (!loaded.problems().isEmpty()) {
                throw new IllegalStateException(loaded.problems().toString());
            }
            Map<String, @Nullable Callable<?>> ways = new LinkedHashMap<>();
            ways.put("nothing else", null);
            for (Runbook runbook : loaded.runbooks()) {
                RunRequest request = new RunRequest(runbook, RunTrigger.CLI, Map.of(), false);
                ways.put("runbook: " + runbook.name(), () -> succeeded(runner.run(request)));
            }
            ways.put("vacuumdb --analyze", () -> shell(bin + "vacuumdb --analyze" + to));
            ways.put("reindexdb --concurrently", () -> shell(bin + "reindexdb --concurrently" + to));
            contest(ways, rounds);
        }
    }

    private static RunbookLoader loader(Path state) {
        Alerts none = new Alerts() {
            @Override
            public boolean fire(Alert alert) {
                return false;
            }

            @Override
            public int resolve(String runbook) {
                return 0;
            }
        };
        Clock clock = Clock.systemUTC();
        BackupSettings backups = new BackupSettings(null, null, state, null, "bench", clock);
        return new RunbookLoader(
                "primary",
                List.of("source", "target"),
                new Toolbox("bench", clock, none, new QuartzCron()::problemOf, null, backups));
    }

    private static RunOutcome succeeded(RunOutcome run) {
        if (run.state() != RunState.SUCCEEDED) {
            throw new IllegalStateException(String.valueOf(run.error()));
        }
        return run;
    }

    private void contest(Map<String, @Nullable Callable<?>> ways, int rounds) throws Exception {
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        Map<String, Double> took = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, @Nullable Callable<?>> way : ways.entrySet()) {
                soil();
                Window window = underLoad(way.getValue());
                if (round > 0) {
                    millis.computeIfAbsent(way.getKey(), name -> new ArrayList<>()).addAll(latencies(window));
                    took.merge(way.getKey(), (window.to() - window.from()) / 1e6 / rounds, Double::sum);
                }
            }
        }
        System.out.printf("%-46s %8s %8s %8s %8s %8s%n", "", "p50 ms", "p95 ms", "p99 ms", "count", "took s");
        millis.forEach((way, all) -> {
            List<Double> sorted = all.stream().sorted().toList();
            System.out.printf(
                    Locale.ROOT,
                    "%-46s %8.2f %8.2f %8.2f %8d %8.1f%n",
                    way,
                    at(sorted, 0.5),
                    at(sorted, 0.95),
                    at(sorted, 0.99),
                    sorted.size(),
                    took.get(way));
        });
    }

    /** A quarter of the rows are dead afterwards, and no checkpoint is due. */
    private void soil() throws Exception {
        servers.onSource("update pgbench_accounts set abalance = abalance + 1 where aid % 4 = 0");
        servers.checkpoint();
        shell("sync");
    }

    private Window underLoad(@Nullable Callable<?> maintenance) throws Exception {
        try (Stream<Path> old = Files.list(servers.folder())) {
            for (Path file : old.filter(this::isLog).toList()) {
                Files.delete(file);
            }
        }
        Process load = start(
                "--no-vacuum", "--client=4", "--jobs=2", "--rate=" + rate, "--time=" + seconds, "--log", "--log-prefix=" + logs);
        try {
            TimeUnit.SECONDS.sleep(2);
            long from = System.currentTimeMillis() * 1000;
            if (maintenance != null) {
                maintenance.call();
                if (!load.isAlive()) {
                    throw new IllegalStateException("the maintenance takes longer than " + seconds + " s: raise SECONDS");
                }
                return new Window(from, System.currentTimeMillis() * 1000);
            }
            end(load);
            return new Window(from, System.currentTimeMillis() * 1000);
        } finally {
            end(load);
        }
    }

    private boolean isLog(Path file) {
        return file.getFileName().toString().startsWith(logs.getFileName().toString());
    }

    private List<Double> latencies(Window window) throws IOException {
        List<Double> millis = new ArrayList<>();
        try (Stream<Path> files = Files.list(servers.folder())) {
            for (Path file : files.filter(this::isLog).toList()) {
                for (String line : Files.readAllLines(file)) {
                    String[] parts = line.split(" ");
                    long at = Long.parseLong(parts[4]) * 1_000_000 + Long.parseLong(parts[5]);
                    if (at >= window.from() && at <= window.to() && !parts[2].equals("skipped")) {
                        millis.add(Long.parseLong(parts[2]) / 1e3);
                    }
                }
            }
        }
        return millis;
    }

    private static double at(List<Double> sorted, double share) {
        return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(sorted.size() * share)));
    }

    private void pgbench(String... arguments) throws Exception {
        end(start(arguments));
    }

    private static void end(Process load) throws InterruptedException {
        int status = load.waitFor();
        if (status != 0) {
            throw new IllegalStateException("pgbench ended with " + status);
        }
    }

    private Process start(String... arguments) throws IOException {
        URI uri = URI.create(servers.sourceUri());
        List<String> command = new ArrayList<>(
                List.of(PgBinaries.find(null).orElseThrow().program("pgbench").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-h", uri.getHost(), "-p", Integer.toString(uri.getPort()), "-U", "postgres", "postgres"));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static int shell(String command) throws IOException, InterruptedException {
        int status = new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException(command + " ended with " + status);
        }
        return status;
    }
}
