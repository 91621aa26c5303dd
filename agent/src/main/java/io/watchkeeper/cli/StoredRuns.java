package io.watchkeeper.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.RunDocument;
import io.watchkeeper.runbook.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Past runs as documents: from the running agent, else from the store itself. */
final class StoredRuns {

    private final AgentConfig config;
    private final AgentClient agent;
    private final Clock clock;

    StoredRuns(Invocation invocation) {
        this.config = invocation.config();
        this.agent = invocation.client(config);
        this.clock = invocation.clock();
    }

    /** Summaries, newest first. */
    JsonNode list(@Nullable String runbook, @Nullable String state, int limit) {
        StringBuilder path = new StringBuilder("/v1/runs?limit=").append(limit);
        if (runbook != null) {
            path.append("&runbook=").append(AgentClient.encode(runbook));
        }
        if (state != null) {
            path.append("&state=").append(AgentClient.encode(state));
        }
        return agent.get(path.toString())
                .orElseGet(() -> fromStore(history -> {
                    List<Object> documents = new ArrayList<>();
                    history.list(new RunHistory.Query(runbook, state == null ? null : stateNamed(state), limit, null))
                            .forEach(run -> documents.add(RunDocument.summary(run)));
                    return Invocation.tree(documents);
                }));
    }

    /** Runs of the cluster, newest first, which only a running agent knows. */
    JsonNode ofCluster(@Nullable String runbook, int limit) {
        String path = "/v1/runs?scope=cluster&limit=" + limit
                + (runbook == null ? "" : "&runbook=" + AgentClient.encode(runbook));
        return agent.get(path)
                .orElseThrow(() -> new OperatorException(
                        "no agent answers at " + agent.address() + ", and only a running one knows the cluster",
                        "start it, or ask on another host of the cluster."));
    }

    /** One whole run and its log lines. */
    Map.Entry<JsonNode, List<String>> find(String runId) {
        Optional<JsonNode> live = agent.get("/v1/runs/" + AgentClient.encode(runId));
        if (live.isPresent()) {
            String id = live.get().path("runId").asText();
            List<String> lines = new ArrayList<>();
            agent.get("/v1/runs/" + id + "/log")
                    .ifPresent(log -> log.forEach(line -> lines.add(logLine(
                            line.path("at").asText(),
                            line.path("level").asText(),
                            line.path("message").asText()))));
            return Map.entry(live.get(), lines);
        }
        return fromStore(history -> {
            var run = history.find(runId)
                    .orElseThrow(() -> new UsageException(
                            "there is no run " + runId, "'watchkeeper history' lists the runs of this host."));
            List<String> lines = history.log(run.runId()).stream()
                    .map(line -> logLine(line.at().toString(), line.level().name(), line.message()))
                    .toList();
            return Map.entry(Invocation.tree(RunDocument.of(run)), lines);
        });
    }

    private static String logLine(String at, String level, String message) {
        return at + " " + level + " " + message;
    }

    private static RunState stateNamed(String name) {
        return RunState.ofWireName(name)
                .orElseThrow(() -> new UsageException(
                        "'" + name + "' is no state of a run",
                        "states: running, queued, succeeded, failed, skipped, cancelled, timedOut."));
    }

    private <T> T fromStore(java.util.function.Function<RunHistory, T> question) {
        Path store = config.state().resolve("watchkeeper.db");
        if (!Files.exists(store)) {
            throw new OperatorException(
                    "no agent answers at " + agent.address() + ", and there is no store " + store,
                    "nothing has run here yet: start the agent, or run a runbook with 'watchkeeper run NAME'.");
        }
        try (RunHistory history = RunHistory.openForReading(config.state(), clock)) {
            return question.apply(history);
        }
    }
}
