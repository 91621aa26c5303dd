package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.problem.OperatorException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as pgBackRest knows it.
 *
 * @param name its section in pgBackRest's configuration
 * @param config pgBackRest's configuration file; null for the one it looks for by itself
 */
public record Stanza(String name, @Nullable Path config) {

    public Stanza {
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*")) {
            throw new OperatorException(
                    "'" + name + "' cannot be a stanza's name",
                    "it is the name of the section in pgBackRest's configuration, such as main.");
        }
    }

    /** How a person would name it on pgBackRest's command line. */
    String options() {
        return "--stanza=" + name + (config == null ? "" : " --config=" + config);
    }

    @Override
    public String toString() {
        return name;
    }
}
