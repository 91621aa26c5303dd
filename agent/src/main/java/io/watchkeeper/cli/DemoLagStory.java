package io.watchkeeper.cli;

import io.watchkeeper.Agent;
import io.watchkeeper.ReplicationLook;
import io.watchkeeper.alert.OpenAlert;
import io.watchkeeper.cli.Terminal.Colour;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The demo's standby has fallen behind: the alert fires, the cause is found and mended, what was changed is put back, the alert is over. */
final class DemoLagStory {

    static final String WATCH = "replication-lag";
    static final String REMEDY = "lag-remedy";

    private static final int LOOKS = 60;

    private final Agent agent;
    private final AgentConfig config;
    private final Terminal terminal;
    private final Clock clock;

    DemoLagStory(Agent agent, AgentConfig config, Terminal terminal, Clock clock) {
        this.agent = agent;
        this.config = config;
        this.terminal = terminal;
        this.clock = clock;
    }

    /**
     * Tells it while it happens.
     *
     * @param run runs the runbook of that name and prints how it ended
     * @return whether it ended as it should
     */
    boolean tell(Function<String, RunOutcome> run) {
        awaitAlarm();
        RunOutcome found = run.apply(WATCH);
        List<OpenAlert> fired = firing();
        fired.forEach(alert -> terminal.print(" " + terminal.paint(Colour.RED, "✖") + " alert " + alert.key() + ": "
                + alert.alert().text()));
        RunOutcome remedied = run.apply(REMEDY);
        RunOutcome quiet = run.apply(WATCH);
        boolean resolved = firing().isEmpty();
        if (resolved && !fired.isEmpty()) {
            terminal.print(" " + terminal.paint(Colour.GREEN, "✓") + " the alert is over.");
        }
        return found.state() == RunState.FAILED
                && !fired.isEmpty()
                && remedied.state() == RunState.SUCCEEDED
                && quiet.state() == RunState.SUCCEEDED
                && resolved;
    }

    /** Until the standby is further behind than the configuration allows. */
    private void awaitAlarm() {
        try {
            for (int look = 0; look < LOOKS; look++) {
                if ("alert"
                        .equals(ReplicationLook.describe(config, clock, "shore").get("status"))) {
                    return;
                }
                TimeUnit.SECONDS.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new OperatorException("the standby does not fall behind", null);
    }

    /** Those that call somebody; the note that all is well again is none of them. */
    private List<OpenAlert> firing() {
        return agent.history().alerts().all().stream()
                .filter(open -> open.firing()
                        && open.alert().runbook().equals(WATCH)
                        && open.alert().severity().equals("page"))
                .toList();
    }
}
