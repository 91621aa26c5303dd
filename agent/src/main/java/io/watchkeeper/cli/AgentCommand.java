package io.watchkeeper.cli;

import io.watchkeeper.LongLivedAgent;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.logging.AgentLog;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The daemon in the foreground. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description = "Runs the agent in the foreground; systemd starts this.")
final class AgentCommand implements Callable<Integer> {

    private final Invocation invocation;

    AgentCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        AgentConfig config = invocation.config();
        AgentLog.reportEvents();
        LongLivedAgent agent =
                LongLivedAgent.start(config, invocation::loadConfig, invocation.clock(), invocation.environment());
        Runtime.getRuntime().addShutdownHook(new Thread(agent::stop, "stop"));
        return agent.awaitStop() ? ExitStatus.OK : ExitStatus.FAILED;
    }
}
