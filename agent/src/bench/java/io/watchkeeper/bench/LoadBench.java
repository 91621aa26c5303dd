package io.watchkeeper.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;

/** A folder of 1,000 runbooks: how long the agent takes to load it, and to take over one edited file of it. */
public final class LoadBench {

    private static final int RUNBOOKS = 1_000;
    private static final int EDITS = 10;

    private LoadBench() {}

    public static void main(String[] arguments) throws IOException {
        try (BenchAgent agent = BenchAgent.prepare(RUNBOOKS)) {
            agent.startUntil("/health/live");
            String last = "\"bench-%04d\"".formatted(RUNBOOKS - 1);
            agent.await(
                    "all runbooks are loaded",
                    Duration.ofMillis(50),
                    () -> agent.body("/v1/runbooks").contains(last));
            System.out.printf("start to %,d runbooks loaded: %.1f s%n", RUNBOOKS, agent.sinceStart().toMillis() / 1e3);
            for (int edit = 1; edit <= EDITS; edit++) {
                String description = "edited " + edit + " times";
                long saved = System.nanoTime();
                agent.writeRunbook(500, description);
                agent.await(
                        "the edit is taken over",
                        Duration.ofMillis(10),
                        () -> description.equals(loadedDescription(agent)));
                System.out.printf("edit %2d taken over after %,d ms%n", edit, (System.nanoTime() - saved) / 1_000_000);
            }
            System.out.printf("resident: %d MiB%n", agent.residentMebibytes());
        }
    }

    /** Of the loaded runbook: the document's other fields hold the file's text, which is new at once. */
    private static String loadedDescription(BenchAgent agent) {
        try {
            return new ObjectMapper()
                    .readTree(agent.body("/v1/runbooks/bench-0500"))
                    .path("description")
                    .asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
