package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the demo's agent, as a person would, for what a fleet has behind it after its first night: archived log, a base backup, and a drill
 * that brings back how things were half a minute before. In a thread of its own; {@link #close} ends it.
 */
final class DemoTour implements AutoCloseable {

    static final int SECONDS_BACK = 30;

    private static final Logger LOG = LoggerFactory.getLogger(DemoTour.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final AgentClient agent;
    private final CountDownLatch closed = new CountDownLatch(1);

    private DemoTour(AgentClient agent) {
        this.agent = agent;
    }

    static DemoTour start(AgentConfig config) {
        DemoTour tour = new DemoTour(new AgentClient(config.http()));
        Thread thread = new Thread(tour::walk, "demo-tour");
        thread.setDaemon(true);
        thread.start();
        return tour;
    }

    private void walk() {
        try {
            // In this order: the log is archived from the last checkpoint on, which the backup makes.
            run("base-backup-hourly", Map.of());
            run("wal-archive", Map.of());
            // The drill leads to a moment after the backup, which is not there before then.
            if (!isClosedWithin(Duration.ofSeconds(SECONDS_BACK + 2))) {
                run("pitr-drill", Map.of("to", SECONDS_BACK + " seconds ago"));
            }
        } catch (OperatorException e) {
            LOG.warn("the demo's backups: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(String runbook, Map<String, String> params) throws InterruptedException {
        JsonNode accepted = agent.change(
                "POST",
                "/v1/runbooks/" + AgentClient.encode(runbook) + "/runs",
                Invocation.tree(Map.of("params", params)).toString());
        String run = "/v1/runs/" + accepted.path("runId").asText();
        while (!isClosedWithin(LOOK)) {
            boolean ended = agent.get(run)
                    .map(document -> !document.path("state").asText().equals("running"))
                    .orElse(true);
            if (ended) {
                return;
            }
        }
    }

    private boolean isClosedWithin(Duration time) throws InterruptedException {
        return closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
