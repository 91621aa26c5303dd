package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.demo.DemoFleet;
import io.watchkeeper.demo.DemoLag;
import io.watchkeeper.demo.DemoTrouble;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the demo's agent, as a person would, for what a fleet has behind it after its first night: archived log, a base backup, a standby that
 * fell behind and was helped, a drill that brings back how things were half a minute before, and a morning's checklist. In a thread of its own; {@link #close} ends it.
 */
final class DemoTour implements AutoCloseable {

    static final int SECONDS_BACK = 30;

    private static final Logger LOG = LoggerFactory.getLogger(DemoTour.class);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Set<String> UNDER_WAY = Set.of("queued", "running");

    private final AgentClient agent;
    private final DemoFleet fleet;
    private final CountDownLatch closed = new CountDownLatch(1);

    private DemoTour(AgentClient agent, DemoFleet fleet) {
        this.agent = agent;
        this.fleet = fleet;
    }

    static DemoTour start(AgentConfig config, DemoFleet fleet) {
        DemoTour tour = new DemoTour(new AgentClient(config.http()), fleet);
        Thread thread = new Thread(tour::walk, "demo-tour");
        thread.setDaemon(true);
        thread.start();
        return tour;
    }

    private void walk() {
        try {
            // In this order: the log is archived from the last checkpoint on, which the backup makes.
            if (fleet.makesBackups()) {
                run("base-backup-hourly", Map.of());
                run("wal-archive", Map.of());
            }
            long backedUp = System.nanoTime();
            fallBehind();
            // The drill leads to a moment after the backup, which is not there before then.
            Duration since = Duration.ofNanos(System.nanoTime() - backedUp);
            if (fleet.makesBackups()
                    && !isClosedWithin(Duration.ofSeconds(SECONDS_BACK + 2).minus(since))) {
                run("pitr-drill", Map.of("to", SECONDS_BACK + " seconds ago"));
            }
            lookInTheMorning();
        } catch (OperatorException | SQLException e) {
            LOG.warn("the demo's tour: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The transaction stays open until the demo ends, so that its report is still true. */
    private void lookInTheMorning() throws SQLException, InterruptedException {
        if (!isClosedWithin(Duration.ZERO)) {
            DemoTrouble trouble = fleet.plantTrouble();
            fleet.beforeClose(trouble::close);
            run(DemoMorning.CHECKLIST, DemoMorning.IMPATIENT);
        }
    }

    /** The runbooks would see to it within a minute or two by themselves; nobody watches a demo for that long. */
    private void fallBehind() throws SQLException, InterruptedException {
        try (DemoLag report = fleet.induceLag()) {
            awaitAlarm(report);
            if (!isClosedWithin(Duration.ZERO) && report.goesOn()) {
                run(DemoLagStory.WATCH, Map.of());
                run(DemoLagStory.REMEDY, Map.of());
            }
        }
        run(DemoLagStory.WATCH, Map.of());
    }

    /** Until the agent itself finds that the standby is too far behind; or the runbooks have ended the report already. */
    private void awaitAlarm(DemoLag report) throws InterruptedException {
        String status = "";
        while (!status.equals("alert") && report.goesOn() && !isClosedWithin(LOOK)) {
            status = agent.get("/v1/replication")
                    .map(document -> document.path("status").asText())
                    .orElse("");
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
                    .map(document -> !UNDER_WAY.contains(document.path("state").asText()))
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
