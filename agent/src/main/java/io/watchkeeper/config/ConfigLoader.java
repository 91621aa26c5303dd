package io.watchkeeper.config;

import io.watchkeeper.problem.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the configuration file and reports everything wrong with it at once. */
public final class ConfigLoader {

    /**
     * What came of reading the file.
     *
     * @param config empty when there are problems
     * @param warnings do not stop anything
     * @param secretFiles every file that the configuration names as holding a secret, fit or not
     */
    public record Loaded(
            Optional<AgentConfig> config, List<Problem> problems, List<Problem> warnings, List<Path> secretFiles) {}

    private static final int LARGEST_FILE = 1024 * 1024;
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final LoadSettings YAML = LoadSettings.builder()
            .setCodePointLimit(LARGEST_FILE)
            .setMaxAliasesForCollections(20)
            .build();

    private final Map<String, String> environment;
    private final AgentConfigBlock.Defaults defaults;

    /** @param environment what {@code ${NAME}} in the file refers to */
    public ConfigLoader(Map<String, String> environment) {
        this(
                environment,
                new AgentConfigBlock.Defaults(
                        hostName(), Path.of("/etc/watchkeeper/runbooks"), Path.of("/var/lib/watchkeeper")));
    }

    ConfigLoader(Map<String, String> environment, AgentConfigBlock.Defaults defaults) {
        this.environment = Map.copyOf(environment);
        this.defaults = defaults;
    }

    /** Never throws for what an operator may have done to the file: it is all in the problems. */
    public Loaded load(Path file) {
        ConfigSource source = null;
        try {
            source = new ConfigSource(file, FileMode.of(file), UnitCredentials.SYSTEMD.addTo(environment, file));
            String text = read(file);
            if (source.mode().othersMayWrite()) {
                source.problem(
                        null,
                        "the file can be written by every user: its mode is " + source.mode(),
                        "chmod o-w " + file);
            }
            AgentConfig config = AgentConfigBlock.read(rootOf(source, text), defaults);
            return new Loaded(
                    source.problems().isEmpty() ? Optional.of(config) : Optional.empty(),
                    source.problems(),
                    source.warnings(),
                    source.secretFiles());
        } catch (UnreadableException e) {
            return refused(e.problem);
        } catch (AccessDeniedException e) {
            // Also where only its folder is closed to this user, who cannot tell then whether it is there.
            return refused(Problem.of(
                    file.toString(),
                    "the file cannot be read by user " + System.getProperty("user.name"),
                    "call the command as root (sudo watchkeeper …), or name a configuration of your own with --config FILE"
                            + " or WATCHKEEPER_CONFIG."));
        } catch (IOException e) {
            return refused(Problem.of(
                    file.toString(),
                    Files.exists(file)
                            ? "the file cannot be read by user " + System.getProperty("user.name")
                            : "there is no such file",
                    "name the configuration with --config FILE or WATCHKEEPER_CONFIG."));
        }
    }

    /** Every key there is, for example {@code http.listen}, and what its values look like; the name of a database stands as {@code NAME}. */
    static SortedMap<String, KeyShape> knownKeys() {
        Path nowhere = Path.of("/nonexistent/watchkeeper.yaml");
        ConfigSource source = new ConfigSource(nowhere, new FileMode(0600), Map.of());
        Node example = new Compose(YAML)
                .composeString("databases: { example: {} }\nslo: { databases: { example: {} } }")
                .orElseThrow();
        AgentConfigBlock.read(
                ConfigNode.root(source, example), new AgentConfigBlock.Defaults("host", nowhere, nowhere));
        return source.knownKeys();
    }

    private static ConfigNode rootOf(ConfigSource source, String text) throws UnreadableException {
        String file = source.file().toString();
        try {
            return ConfigNode.root(source, new Compose(YAML).composeString(text).orElse(null));
        } catch (MarkedYamlEngineException e) {
            @Nullable Mark mark = e.getProblemMark().orElse(null);
            // Not e.getMessage(): it quotes lines of the file, and they may hold a password.
            String problem = "this is not YAML: " + e.getProblem();
            String hint = e.getProblem().contains("TAB")
                    ? "indent with spaces."
                    : "look at this line and the one before it: indentation, quotes, brackets.";
            throw new UnreadableException(
                    mark == null
                            ? Problem.of(file, problem, hint)
                            : new Problem(file, mark.getLine() + 1, mark.getColumn() + 1, problem, hint));
        } catch (YamlEngineException e) {
            throw new UnreadableException(Problem.of(
                    file,
                    "this is not usable YAML: " + e.getMessage(),
                    "write values out instead of repeating them by alias."));
        }
    }

    private static String read(Path file) throws IOException, UnreadableException {
        if (!Files.isRegularFile(file)) {
            throw new UnreadableException(
                    Problem.of(file.toString(), "this is not a file", "name the file itself, not its folder."));
        }
        if (Files.size(file) > LARGEST_FILE) {
            throw new UnreadableException(Problem.of(
                    file.toString(),
                    "the file is larger than 1 MB",
                    "a configuration is a few kilobytes: is this the right file?"));
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UnreadableException(
                    Problem.of(file.toString(), "the file is not UTF-8 text", "save it as UTF-8."));
        }
    }

    private static Loaded refused(Problem problem) {
        return new Loaded(Optional.empty(), List.of(problem), List.of(), List.of());
    }

    private static String hostName() {
        try {
            return Files.readString(HOST_NAME).strip();
        } catch (IOException e) {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException unknown) {
                return "localhost";
            }
        }
    }

    private static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Problem problem;

        UnreadableException(Problem problem) {
            super(problem.message());
            this.problem = problem;
        }
    }
}
