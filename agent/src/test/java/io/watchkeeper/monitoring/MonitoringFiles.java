package io.watchkeeper.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What is shipped in the folder {@code monitoring}. */
final class MonitoringFiles {

    static final Path ROOT = Path.of("").toAbsolutePath().endsWith("agent")
            ? Path.of("..").toAbsolutePath().normalize()
            : Path.of("").toAbsolutePath();
    static final Path FOLDER = ROOT.resolve("monitoring");
    static final Path ALERTS = FOLDER.resolve("rules/watchkeeper-alerts.yml");
    static final Path RECORDING = FOLDER.resolve("rules/watchkeeper-recording.yml");
    static final Path DASHBOARD = FOLDER.resolve("grafana/watchkeeper.json");

    private static final ObjectMapper JSON = new ObjectMapper();

    private MonitoringFiles() {}

    /** One alert of the rules. */
    record AlertRule(String name, String expression, Map<?, ?> labels, Map<?, ?> annotations) {}

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode dashboard() throws IOException {
        return JSON.readTree(Files.readString(DASHBOARD));
    }

    static List<AlertRule> alerts() {
        return rules(ALERTS).stream()
                .map(rule -> new AlertRule(
                        text(rule, "alert"), text(rule, "expr"), map(rule, "labels"), map(rule, "annotations")))
                .toList();
    }

    /** Expressions of recording rules, by the name of what they record. */
    static List<Map.Entry<String, String>> records() {
        return rules(RECORDING).stream()
                .map(rule -> Map.entry(text(rule, "record"), text(rule, "expr")))
                .toList();
    }

    static Map<?, ?> yaml(Path file) {
        return (Map<?, ?>) Objects.requireNonNull(
                new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build()).loadFromString(read(file)));
    }

    private static List<Map<?, ?>> rules(Path file) {
        List<Map<?, ?>> rules = new ArrayList<>();
        for (Object group : list(yaml(file), "groups")) {
            for (Object rule : list((Map<?, ?>) group, "rules")) {
                rules.add((Map<?, ?>) rule);
            }
        }
        return rules;
    }

    static List<?> list(Map<?, ?> map, String key) {
        return (List<?>) Objects.requireNonNull(map.get(key), key);
    }

    static Map<?, ?> map(Map<?, ?> map, String key) {
        return (Map<?, ?>) Objects.requireNonNull(map.get(key), key);
    }

    static String text(Map<?, ?> map, String key) {
        return String.valueOf(Objects.requireNonNull(map.get(key), key));
    }
}
