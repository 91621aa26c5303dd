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

    /** Beside the configuration, root's alone: what systemd makes credentials of. Root can read them while the service is stopped. */
    private static final String SOURCES = "credentials";

    /** Of the names of credentials, by the unit's {@code LoadCredential=}. */
    private static final String PREFIX = "secret_";

    private static final Path CONFIGURATIONS = Path.of("/etc/watchkeeper");

    /** The environment, with the folder of the unit where the environment has none and the unit runs. */
    Map<String, String> addTo(Map<String, String> environment, Path config) {
        if (!environment.getOrDefault(VARIABLE, "").isEmpty()) {
            return environment;
        }
        Path absolute = config.toAbsolutePath().normalize();
        Path running = root.resolve(unitOf(absolute));
        Path folder = Files.isDirectory(running) ? running : absolute.resolveSibling(SOURCES);
        if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
            return environment;
        }
        Map<String, String> complete = new HashMap<>(environment);
        complete.put(VARIABLE, folder.toString());
        return complete;
    }

    /** The file that a credential is made from, where the path is one in the folder of these files and names the credential. */
    static Path source(Path credential) {
        Path name = credential.getFileName();
        Path folder = credential.getParent();
        if (name == null
                || folder == null
                || !folder.endsWith(SOURCES)
                || !name.toString().startsWith(PREFIX)) {
            return credential;
        }
        Path source = folder.resolve(name.toString().substring(PREFIX.length()));
        return Files.exists(source) && !Files.exists(credential) ? source : credential;
    }

    /** Of an instance where the configuration is in a folder of its own: {@code /etc/watchkeeper/NAME/watchkeeper.yaml}. */
    private static String unitOf(Path config) {
        Path folder = config.getParent();
        return folder != null && CONFIGURATIONS.equals(folder.getParent())
                ? "watchkeeper@" + folder.getFileName() + ".service"
                : "watchkeeper.service";
    }
}
