package io.watchkeeper.config;

import io.watchkeeper.problem.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the configuration file and reports everything wrong with it at once. */
public final class ConfigLoader {

    /** @param config empty when there are problems. @param warnings do not stop anything */
    public record Loaded(Optional<AgentConfig> config, List<Problem> problems, List<Problem> warnings) {}

    private final Map<String, String> environment;

    public ConfigLoader(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    public Loaded load(Path file) {
        throw new IllegalStateException(file + " " + environment.size());
    }
}
