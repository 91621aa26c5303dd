package io.watchkeeper.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.watchkeeper.audit.Audit;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.config.CallerToken;
import io.watchkeeper.config.ConfigLoader;
import io.watchkeeper.history.RunHistory;
import io.watchkeeper.logging.AgentLog;
import io.watchkeeper.problem.Problem;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One call of the program: its environment and what the subcommands share. */
final class Invocation {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final Path DEFAULT_CONFIG = Path.of("/etc/watchkeeper/watchkeeper.yaml");

    private final Map<String, String> environment;
    private final Clock clock;
    private final Terminal terminal;
    private @Nullable Path configOption;
    private boolean debug;
    private boolean printedJson;

    Invocation(Map<String, String> environment, Clock clock, Terminal terminal) {
        this.environment = Map.copyOf(environment);
        this.clock = clock;
        this.terminal = terminal;
    }

    Clock clock() {
        return clock;
    }

    Terminal terminal() {
        return terminal;
    }

    Map<String, String> environment() {
        return environment;
    }

    void useConfig(@Nullable Path file) {
        configOption = file;
    }

    void setDebug(boolean debug) {
        this.debug = debug;
        if (debug) {
            AgentLog.reportEverything();
        }
    }

    boolean debug() {
        return debug;
    }

    /** {@code --config}, else WATCHKEEPER_CONFIG, else /etc/watchkeeper/watchkeeper.yaml. */
    Path configFile() {
        if (configOption != null) {
            return configOption;
        }
        String fromEnvironment = environment.getOrDefault("WATCHKEEPER_CONFIG", "");
        return fromEnvironment.isEmpty() ? DEFAULT_CONFIG : Path.of(fromEnvironment);
    }

    /** Whether the operator said where the configuration is, so that its absence is an error for every command. */
    boolean configWasNamed() {
        return configOption != null
                || !environment.getOrDefault("WATCHKEEPER_CONFIG", "").isEmpty();
    }

    ConfigLoader.Loaded loadConfig() {
        return new ConfigLoader(environment).load(configFile());
    }

    /** The configuration, its warnings printed. @throws ProblemsException with everything that is wrong with it */
    AgentConfig config() {
        ConfigLoader.Loaded loaded = loadConfig();
        loaded.warnings().forEach(warning -> terminal.error("warning: " + warning));
        return loaded.config().orElseThrow(() -> new ProblemsException(loaded.problems()));
    }

    /** What talks to the running agent, with the token of whoever calls, else with that of the configuration. */
    AgentClient client(AgentConfig config) {
        return CallerToken.of(environment)
                .map(token -> new AgentClient(config.http(), token))
                .orElseGet(() -> new AgentClient(config.http()));
    }

    /** The record of who did what on this host. */
    Audit audit(AgentConfig config) {
        return event -> {
            try (RunHistory history = RunHistory.open(config.state(), clock)) {
                history.audit(config.host().name()).record(event);
            }
        };
    }

    /** Whether the one document of {@code --json} is out. */
    boolean hasPrintedJson() {
        return printedJson;
    }

    void printJson(Object document) {
        printedJson = true;
        try {
            terminal.print(JSON.writeValueAsString(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the document cannot be written as JSON", e);
        }
    }

    /** As {@link #printJson}, for the one document that is there to tell a secret: nothing of it is redacted. */
    void printSecretJson(Object document) {
        printedJson = true;
        try {
            terminal.out().println(JSON.writeValueAsString(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the document cannot be written as JSON", e);
        }
    }

    /** A document that this program has written itself. */
    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not a JSON document", e);
        }
    }

    static JsonNode tree(Object document) {
        return JSON.valueToTree(document);
    }

    void printProblems(List<Problem> problems) {
        problems.stream().sorted().forEach(problem -> terminal.error(problem.toString()));
    }
}
