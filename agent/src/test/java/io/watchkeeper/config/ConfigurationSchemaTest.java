package io.watchkeeper.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** What editors are told of the configuration is what the loader takes. */
class ConfigurationSchemaTest {

    private static final Path FILE =
            ConfigurationDocument.PROJECT.resolve("agent/src/main/resources/editor/watchkeeper.schema.json");
    private static final Pattern YAML_BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void isUpToDate() throws IOException {
        if (Boolean.getBoolean("reference.write")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, ConfigurationSchema.text());
        }

        assertThat(Files.readString(FILE))
                .as("renew it with: mvn test -pl agent -Dtest=ConfigurationSchemaTest -Dreference.write=true")
                .isEqualTo(ConfigurationSchema.text());
    }

    @Test
    void everyExampleInTheRepositoryFits() throws IOException {
        Map<String, String> examples = examples();

        assertThat(examples).hasSizeGreaterThan(10);
        examples.forEach((place, text) ->
                assertThat(problems(text)).as("%s:%n%s", place, text).isEmpty());
    }

    /** The loader agrees: what editors underline is wrong there, too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "unknown: 1",
                "http: { lisen: '127.0.0.1:1' }",
                "http: { maxConnections: 10 }",
                "http: { openMetrics: 'yes' }",
                "http: [1]",
                "databases: { shore: {} }",
                "databases: { shore: { url: 'jdbc:postgresql://h/d', via: ship } }",
                "databases: { shore: { url: 'jdbc:postgresql://h/d', tls: { mode: prefer } } }",
                "replication: { every: soon }",
                "replication: { every: 10 }",
                "heavy: { rate: fast }",
                "slo: { databases: { shore: { errors: 0.5 } } }",
                "meta: { database: shore, plans: { small: table } }",
                "alerts: { mail: { port: 70000 } }",
                "runbooks: { a: b }",
            })
    void whatDoesNotFitIsRefusedByTheLoader(String yaml) throws IOException {
        assertThat(problems(yaml)).isNotEmpty();

        Path file = Files.writeString(folder.resolve("watchkeeper.yaml"), yaml);
        assertThat(new ConfigLoader(Map.of(), new AgentConfigBlock.Defaults("host", folder, folder))
                        .load(file)
                        .problems())
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http:",
                "http: { maxConnections: '${MOST}', openMetrics: '${OPEN:-false}', maxBody: 65536 }",
                "alerts: { mail: { host: h, from: a@b, to: c@d } }",
                "databases: { shore: { url: 'jdbc:postgresql://h/d', user: 7, maxConnections: 3 } }",
                "trust: { requireChecksums: '${CHECKED}' }",
            })
    void whatTheLoaderTakesFits(String yaml) {
        assertThat(problems(yaml)).isEmpty();
    }

    @Test
    void thePackagedExampleNamesIt() {
        assertThat(ConfigurationDocument.read("systemd/watchkeeper.yaml"))
                .startsWith("# yaml-language-server: $schema=/usr/share/watchkeeper/editor/watchkeeper.schema.json\n");
    }

    /** The packaged file, as it is and with what it has in comments, and what the documents show of configurations. */
    private static Map<String, String> examples() throws IOException {
        Map<String, String> examples = new TreeMap<>();
        examples.put("systemd/watchkeeper.yaml", ConfigurationDocument.read("systemd/watchkeeper.yaml"));
        examples.put("systemd/watchkeeper.yaml, whole", ConfigurationDocument.wholeExample());
        JsonNode keys = schema().path("properties");
        try (Stream<Path> files = Files.list(ConfigurationDocument.PROJECT.resolve("docs"))) {
            List<Path> documents = Stream.concat(files, Stream.of(ConfigurationDocument.PROJECT.resolve("README.md")))
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
            for (Path document : documents) {
                YAML_BLOCK.matcher(Files.readString(document)).results().forEach(block -> {
                    JsonNode value = yaml(block.group(1));
                    if (value.isObject()
                            && keys.has(value.properties().iterator().next().getKey())) {
                        examples.put(document.getFileName() + ":" + block.start(), block.group(1));
                    }
                });
            }
        }
        return examples;
    }

    private static JsonNode schema() {
        try {
            return JSON.readTree(ConfigurationSchema.text());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode yaml(String text) {
        try {
            return JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
        } catch (YamlEngineException e) {
            throw new AssertionError(text, e);
        }
    }

    private static List<String> problems(String yaml) {
        JsonNode value = yaml(yaml);
        List<String> problems = new ArrayList<>();
        check(schema(), value, "", problems);
        return problems;
    }

    /** As much of JSON Schema as there is in ours. */
    private static void check(JsonNode schema, JsonNode value, String path, List<String> problems) {
        if (schema.has("anyOf")
                && stream(schema.get("anyOf")).noneMatch(one -> {
                    List<String> found = new ArrayList<>();
                    check(one, value, path, found);
                    return found.isEmpty();
                })) {
            problems.add(path + ": " + value + " is none of " + schema.get("anyOf"));
        }
        if (schema.has("enum") && stream(schema.get("enum")).noneMatch(value::equals)) {
            problems.add(path + ": " + value + " is not one of " + schema.get("enum"));
        }
        if (schema.has("type") && !types(schema.get("type")).contains(type(value))) {
            problems.add(path + ": " + value + " is not " + schema.get("type"));
        }
        if (schema.has("pattern")
                && value.isTextual()
                && !Pattern.compile(schema.get("pattern").asText())
                        .matcher(value.asText())
                        .find()) {
            problems.add(path + ": " + value + " does not match " + schema.get("pattern"));
        }
        if ((schema.has("minimum")
                        && value.isNumber()
                        && value.asLong() < schema.get("minimum").asLong())
                || (schema.has("maximum")
                        && value.isNumber()
                        && value.asLong() > schema.get("maximum").asLong())) {
            problems.add(path + ": " + value + " is out of bounds");
        }
        if (value.isArray() && schema.has("items")) {
            value.forEach(item -> check(schema.get("items"), item, path + "[]", problems));
        }
        if (value.isObject()) {
            checkKeys(schema, value, path, problems);
        }
    }

    private static void checkKeys(JsonNode schema, JsonNode value, String path, List<String> problems) {
        stream(schema.path("required"))
                .filter(key -> !value.has(key.asText()))
                .forEach(key -> problems.add(path + ": " + key + " is missing"));
        value.properties().forEach(entry -> {
            String key = path + "." + entry.getKey();
            JsonNode known = schema.path("properties").get(entry.getKey());
            JsonNode further = schema.path("additionalProperties");
            if (known != null) {
                check(known, entry.getValue(), key, problems);
            } else if (further.isObject()) {
                check(further, entry.getValue(), key, problems);
            } else if (further.isBoolean() && !further.asBoolean()) {
                problems.add(key + " is unknown");
            }
        });
    }

    private static List<String> types(JsonNode type) {
        List<String> types = type.isArray()
                ? new ArrayList<>(stream(type).map(JsonNode::asText).toList())
                : new ArrayList<>(List.of(type.asText()));
        if (types.contains("number")) {
            types.add("integer");
        }
        return types;
    }

    private static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case NULL, MISSING -> "null";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            default -> "string";
        };
    }

    private static Stream<JsonNode> stream(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }
}
