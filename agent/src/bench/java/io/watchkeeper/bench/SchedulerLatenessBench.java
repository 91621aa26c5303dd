package io.watchkeeper.bench;

import io.watchkeeper.engine.RunbookRunner;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.Timing;
import io.watchkeeper.schedule.RunbookScheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * 1,000 runbooks due within a minute: how late each is handed over to the runner. The scheduler, the runner and the store are
 * the real ones, the runbooks do nothing. With the argument {@code burst} all are due in the same second.
 */
public final class SchedulerLatenessBench {

    private static final int RUNBOOKS = 1_000;
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private SchedulerLatenessBench() {}

    public static void main(String[] arguments) throws IOException {
        boolean burst = List.of(arguments).contains("burst");
        Path state = Files.createTempDirectory("watchkeeper-bench");
        Clock clock = Clock.systemUTC();
        Queue<Duration> lateness = new ConcurrentLinkedQueue<>();
        try (RunHistory history = RunHistory.open(state, clock);
                DatabasePools databases = new DatabasePools(List.of());
                RunbookRunner runner =
                        new RunbookRunner("bench", state, databases, history, List.of(history), clock)) {
            RunbookRegistry registry = new RunbookRegistry();
            registry.swap(runbooks(clock.instant().plusSeconds(5), burst));
            try (RunbookScheduler scheduler = new RunbookScheduler(registry, runner, history, clock)) {
                scheduler.onLateness(lateness::add);
                scheduler.start();
                awaitAll(lateness);
            }
            runner.shutdown(Duration.ofSeconds(30));
            report(lateness, history.list(new RunHistory.Query(null, RunState.SUCCEEDED, 2 * RUNBOOKS, null)).size());
        } finally {
            delete(state);
        }
    }

    /** Runbook i is due i sixtieths of a round after the start, or all of them at it. */
    private static RunbookRegistry.Contents runbooks(Instant start, boolean burst) {
        Map<String, Runbook> runbooks = new TreeMap<>();
        for (int i = 0; i < RUNBOOKS; i++) {
            var due = start.plusSeconds(burst ? 0 : i % 60).atZone(ZoneOffset.UTC);
            String cron = "%d %d %d * * ?".formatted(due.getSecond(), due.getMinute(), due.getHour());
            Runbook runbook = doingNothing("bench-%04d".formatted(i), cron);
            runbooks.put(runbook.name(), runbook);
        }
        return new RunbookRegistry.Contents(new TreeMap<>(runbooks), List.of());
    }

    private static Runbook doingNothing(String name, String cron) {
        SourceLocation here = new SourceLocation(name + ".groovy", 1);
        Schedule schedule = new Schedule(
                new Timing.Cron(cron), ZoneOffset.UTC, Duration.ZERO, Schedule.Missed.SKIP, null, List.of());
        return new Runbook(
                name,
                "does nothing",
                "",
                Set.of(),
                schedule,
                Policy.DEFAULT,
                List.of(),
                List.of(),
                List.of(new Step("nothing", here, context -> {})),
                null,
                null,
                here,
                name);
    }

    private static void awaitAll(Queue<Duration> lateness) {
        long started = System.nanoTime();
        while (lateness.size() < RUNBOOKS) {
            if (System.nanoTime() - started > PATIENCE.toNanos()) {
                throw new IllegalStateException(lateness.size() + " of " + RUNBOOKS + " runbooks have fired");
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private static void report(Queue<Duration> lateness, int succeeded) {
        List<Duration> sorted = lateness.stream().sorted().toList();
        System.out.printf(
                "%,d runbooks fired, %,d runs succeeded; lateness p50 %,d ms, p99 %,d ms, max %,d ms%n",
                sorted.size(),
                succeeded,
                sorted.get(sorted.size() / 2).toMillis(),
                sorted.get(sorted.size() * 99 / 100).toMillis(),
                sorted.get(sorted.size() - 1).toMillis());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
