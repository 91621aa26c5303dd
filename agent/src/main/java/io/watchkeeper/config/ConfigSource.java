package io.watchkeeper.config;

import io.watchkeeper.problem.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** The file being read: what its values refer to, and everything found wrong with it so far. */
final class ConfigSource {

    private final Path file;
    private final FileMode mode;
    private final Map<String, String> environment;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final List<Path> secretFiles = new ArrayList<>();
    private final SortedMap<String, KeyShape> knownKeys = new TreeMap<>();

    ConfigSource(Path file, FileMode mode, Map<String, String> environment) {
        this.file = file;
        this.mode = mode;
        this.environment = environment;
    }

    FileMode mode() {
        return mode;
    }

    Path file() {
        return file;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** A path of the file as an absolute one: relative paths start at the file's own folder. */
    Path resolve(String path) {
        return file.toAbsolutePath().resolveSibling(path).normalize();
    }

    /** @param at what is wrong; null for the file as a whole */
    void problem(@Nullable Node at, String message, @Nullable String hint) {
        problems.add(at(at, message, hint));
    }

    void warning(@Nullable Node at, String message, @Nullable String hint) {
        warnings.add(at(at, message, hint));
    }

    private Problem at(@Nullable Node node, String message, @Nullable String hint) {
        Mark mark = node == null ? null : node.getStartMark().orElse(null);
        return mark == null
                ? Problem.of(file.toString(), message, hint)
                : new Problem(file.toString(), mark.getLine() + 1, mark.getColumn() + 1, message, hint);
    }

    /** Where the node stands, for a message about another place, for example {@code line 3}. */
    static String lineOf(Node node) {
        return node.getStartMark().map(mark -> "line " + (mark.getLine() + 1)).orElse("an earlier line");
    }

    void secretFile(Path path) {
        secretFiles.add(path);
    }

    void knownKey(String path) {
        knownKeys.putIfAbsent(path, KeyShape.TEXT);
    }

    void knownKey(String path, KeyShape shape) {
        knownKeys.put(path, shape);
    }

    List<Problem> problems() {
        return problems.stream().sorted().toList();
    }

    List<Problem> warnings() {
        return warnings.stream().sorted().toList();
    }

    List<Path> secretFiles() {
        return List.copyOf(secretFiles);
    }

    SortedMap<String, KeyShape> knownKeys() {
        return knownKeys;
    }
}
