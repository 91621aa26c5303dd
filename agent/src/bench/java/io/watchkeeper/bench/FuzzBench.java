package io.watchkeeper.bench;

import io.watchkeeper.testing.RequestFuzzer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Sends malformed requests to an agent and looks at how it takes them: {@code Fuzz [REQUESTS] [SEED]}.
 *
 * <p>Fails for an answer of 5xx, for the name of a class in one, and when the agent keeps more memory after them than before.
 */
public final class FuzzBench {

    private static final int THREADS = 4;

    /** Of what lives on the heap after a collection: counters by status and the like are allowed to be made. */
    private static final double MOST_GROWTH_MEBIBYTES = 4;

    private FuzzBench() {}

    public static void main(String[] arguments) throws Exception {
        int requests = (int) Arguments.number(arguments, 0, 100_000);
        long seed = Arguments.number(arguments, 1, 20261121);
        boolean good;
        try (BenchAgent agent = BenchAgent.prepare(2, ", rateLimit: 0, tokenFile: token")) {
            Duration start = agent.startUntil("/health/live");
            System.out.printf("answers after %d ms%n", start.toMillis());
            agent.await(
                    "the runbooks are loaded",
                    Duration.ofMillis(100),
                    () -> agent.body("/v1/status").contains("\"runbooks\":2"));
            // What is made once, such as classes and pools, is made by then.
            send(agent, requests / 10, seed + 1_000);
            double before = agent.liveMebibytes();
            long begin = System.nanoTime();
            List<RequestFuzzer.Tally> tallies = send(agent, requests, seed);
            Duration taken = Duration.ofNanos(System.nanoTime() - begin);
            double after = agent.liveMebibytes();
            good = report(requests, taken, tallies, before, after);
        }
        System.exit(good ? 0 : 1);
    }

    private static List<RequestFuzzer.Tally> send(BenchAgent agent, int requests, long seed) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<RequestFuzzer.Tally>> work = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                RequestFuzzer fuzzer = new RequestFuzzer(agent.port(), BenchAgent.TOKEN, "bench-0000", seed + i);
                work.add(() -> fuzzer.send(requests / THREADS));
            }
            List<RequestFuzzer.Tally> tallies = new ArrayList<>();
            for (Future<RequestFuzzer.Tally> done : threads.invokeAll(work)) {
                tallies.add(done.get());
            }
            return tallies;
        } finally {
            threads.shutdownNow();
        }
    }

    private static boolean report(
            int requests, Duration taken, List<RequestFuzzer.Tally> tallies, double before, double after) {
        Map<Integer, Integer> statuses = new TreeMap<>();
        List<String> offences = new ArrayList<>();
        for (RequestFuzzer.Tally tally : tallies) {
            tally.statuses().forEach((status, count) -> statuses.merge(status, count, Integer::sum));
            offences.addAll(tally.offences());
        }
        System.out.printf("%,d requests in %d s; answers by status, 0 for none: %s%n", requests, taken.toSeconds(), statuses);
        System.out.printf("live after collection: %.1f MiB before, %.1f MiB after%n", before, after);
        offences.forEach(offence -> System.out.println("should not be: " + offence));
        return offences.isEmpty() && after - before < MOST_GROWTH_MEBIBYTES;
    }
}
