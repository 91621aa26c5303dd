package io.watchkeeper.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.stream.LongStream;

/** From the launcher's start to the first /health answer, and the memory of an idle agent, with 50 runbooks. */
public final class StartupBench {

    private static final int RUNBOOKS = 50;
    private static final int ROUNDS = 5;
    private static final Duration IDLE = Duration.ofSeconds(20);

    private StartupBench() {}

    public static void main(String[] arguments) throws IOException {
        long[] live = new long[ROUNDS];
        long[] ready = new long[ROUNDS];
        long[] memory = new long[ROUNDS];
        System.out.println("round  first /health ms  50 runbooks loaded ms  resident MiB after " + IDLE.toSeconds() + " s idle");
        for (int round = 0; round < ROUNDS; round++) {
            try (BenchAgent agent = BenchAgent.prepare(RUNBOOKS)) {
                live[round] = agent.startUntil("/health/live").toMillis();
                String last = "\"bench-%04d\"".formatted(RUNBOOKS - 1);
                agent.await(
                        "all runbooks are loaded",
                        Duration.ofMillis(20),
                        () -> agent.body("/v1/runbooks").contains(last));
                ready[round] = agent.sinceStart().toMillis();
                BenchAgent.pause(IDLE);
                memory[round] = agent.residentMebibytes();
            }
            System.out.printf("%5d  %16d  %21d  %12d%n", round + 1, live[round], ready[round], memory[round]);
        }
        System.out.printf("median %16d  %21d  %12d%n", median(live), median(ready), median(memory));
    }

    private static long median(long[] values) {
        return LongStream.of(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
    }
}
