package io.watchkeeper.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The credentials that systemd holds for the agent, for commands that it did not start. A service is told its folder by
 * {@code CREDENTIALS_DIRECTORY}; the folder is named after the unit, and the unit follows from where the configuration is.
 *
 * @param root of these folders
 */
record UnitCredentials(Path root) {

    static final UnitCredentials SYSTEMD = new UnitCredentials(Path.of("/run/credentials"));

    static final String VARIABLE = "CREDENTIALS_DIRECTORY";

    private static final Path CONFIGURATIONS = Path.of("/etc/watchkeeper");

    /** The environment, with the folder of the unit where the environment has none and the unit runs. */
    Map<String, String> addTo(Map<String, String> environment, Path config) {
        Path folder = root.resolve(unitOf(config.toAbsolutePath().normalize()));
        if (!environment.getOrDefault(VARIABLE, "").isEmpty() || !Files.isDirectory(folder)) {
            return environment;
        }
        Map<String, String> complete = new HashMap<>(environment);
        complete.put(VARIABLE, folder.toString());
        return complete;
    }

    /** Of an instance where the configuration is in a folder of its own: {@code /etc/watchkeeper/NAME/watchkeeper.yaml}. */
    private static String unitOf(Path config) {
        Path folder = config.getParent();
        return folder != null && CONFIGURATIONS.equals(folder.getParent())
                ? "watchkeeper@" + folder.getFileName() + ".service"
                : "watchkeeper.service";
    }
}
