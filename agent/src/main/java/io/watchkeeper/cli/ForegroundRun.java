package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.Agent;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.ParametersException;
import io.watchkeeper.engine.RunHandle;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.engine.RunRequest;
import io.watchkeeper.logging.AgentLog;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.units.DurationText;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** A run in this process, shown while it goes on; Ctrl-C cancels it on the servers. */
final class ForegroundRun {

    private final Invocation invocation;
    private final boolean dryRun;
    private final boolean json;
    private Consumer<JsonNode> afterwards = run -> {};

    ForegroundRun(Invocation invocation, boolean dryRun, boolean json) {
        this.invocation = invocation;
        this.dryRun = dryRun;
        this.json = json;
    }

    /** Shows more of the ended run's document to a person, before it is said how the run ended. */
    ForegroundRun afterwards(Consumer<JsonNode> shows) {
        afterwards = shows;
        return this;
    }

    /**
     * Runs it to its end.
     *
     * @param which finds or makes the runbook
     * @return the exit status
     */
    int run(BiFunction<Agent, AgentConfig, Runbook> which, Map<String, String> params) {
        AgentLog.leaveRunsToTheTerminal();
        AgentConfig config = invocation.config();
        RunDisplay display = new RunDisplay(invocation, json || dryRun);
        List<RunListener> watchers = json ? List.of() : List.of(display);
        try (Agent agent = Agent.open(config, invocation.clock(), history -> watchers)) {
            Runbook runbook = which.apply(agent, config);
            if (dryRun && !json) {
                invocation.terminal().print(heading(runbook, config));
            }
            RunHandle handle = start(agent, new RunRequest(runbook, RunTrigger.CLI, params, dryRun));
            RunOutcome outcome = Interrupts.during(
                    () -> {
                        display.cancelling();
                        agent.runner().cancel(handle.runId(), "Ctrl-C");
                    },
                    () -> {
                        RunOutcome ended = handle.outcome().join();
                        show(ended, display);
                        return ended;
                    },
                    ended -> ended.state().exitStatus());
            return outcome.state().exitStatus();
        }
    }

    private static RunHandle start(Agent agent, RunRequest request) {
        try {
            return agent.runner().start(request);
        } catch (ParametersException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e.hint());
        }
    }

    private void show(RunOutcome outcome, RunDisplay display) {
        Map<String, Object> document = RunDocument.of(outcome);
        if (json) {
            invocation.printJson(document);
            return;
        }
        display.close();
        JsonNode run = Invocation.tree(document);
        RunPrinter printer =
                new RunPrinter(invocation.terminal(), invocation.clock().getZone());
        if (dryRun) {
            printer.plan(run);
            display.guardLines().forEach(line -> invocation.terminal().print(" " + line));
        }
        afterwards.accept(run);
        printer.outcome(run);
    }

    private static String heading(Runbook runbook, AgentConfig config) {
        String locks = runbook.policy().locks().isEmpty()
                ? ""
                : " · lock " + String.join(", ", runbook.policy().locks());
        return runbook.name() + " · would run on " + config.host().name() + " (role "
                + config.host().role() + ") · timeout "
                + DurationText.say(runbook.policy().timeout()) + locks;
    }
}
