package io.watchkeeper.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** From the launcher's start to the first /health answer and to all runbooks, and the memory of an idle agent, with 50 runbooks. */
public final class StartupBench {

    private static final int RUNBOOKS = 50;
    private static final int ROUNDS = 5;
    private static final Duration IDLE = Duration.ofSeconds(20);

    private StartupBench() {}

    public static void main(String[] arguments) throws IOException {
        Start[] first = new Start[ROUNDS];
        Start[] again = new Start[ROUNDS];
        System.out.println("round  start    first /health ms  50 runbooks loaded ms  resident MiB after " + IDLE.toSeconds() + " s idle");
        for (int round = 0; round < ROUNDS; round++) {
            try (BenchAgent agent = BenchAgent.prepare(RUNBOOKS)) {
                first[round] = start(agent);
                print(String.valueOf(round + 1), "first", first[round]);
                agent.stop();
                again[round] = start(agent);
                print(String.valueOf(round + 1), "again", again[round]);
            }
        }
        print("median", "first", median(first));
        print("median", "again", median(again));
    }

    /** @param live milliseconds until the first answer @param loaded milliseconds until all runbooks are there @param memory MiB */
    private record Start(long live, long loaded, long memory) {}

    private static Start start(BenchAgent agent) throws IOException {
        long live = agent.startUntil("/health/live").toMillis();
        String last = "\"bench-%04d\"".formatted(RUNBOOKS - 1);
        agent.await(
                "all runbooks are loaded",
                Duration.ofMillis(20),
                () -> agent.body("/v1/runbooks").contains(last));
        long loaded = agent.sinceStart().toMillis();
        BenchAgent.pause(IDLE);
        return new Start(live, loaded, agent.residentMebibytes());
    }

    private static Start median(Start[] rounds) {
        return new Start(median(rounds, Start::live), median(rounds, Start::loaded), median(rounds, Start::memory));
    }

    private static long median(Start[] rounds, ToLongFunction<Start> figure) {
        return Stream.of(rounds).mapToLong(figure).sorted().skip(rounds.length / 2).findFirst().orElseThrow();
    }

    private static void print(String round, String which, Start start) {
        System.out.printf("%6s %-6s  %16d  %21d  %12d%n", round, which, start.live(), start.loaded(), start.memory());
    }
}
