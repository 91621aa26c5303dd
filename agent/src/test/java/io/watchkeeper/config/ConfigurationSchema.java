package io.watchkeeper.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.watchkeeper.config.ConfigurationDocument.Row;
import java.util.List;
import java.util.Map;

/** The JSON schema of the configuration, for editors: keys and bounds as the loader has them, and what they mean as the document says. */
final class ConfigurationSchema {

    /** An environment variable stands for a value of any kind. */
    private static final String VARIABLE = "\\$\\{.+}";

    private static final String DURATION =
            "^\\s*\\d+\\s*(ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)\\s*$";
    private static final String SIZE = "^\\s*\\d+\\s*[A-Za-z]*\\s*$";
    private static final String SHARE = "^\\s*\\d+(\\.\\d+)?\\s*(%|percent)\\s*$";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Map<String, KeyShape> shapes = ConfigLoader.knownKeys();
    private final ObjectNode root = block();

    private ConfigurationSchema() {}

    static String text() {
        try {
            return JSON.writeValueAsString(new ConfigurationSchema().schema()) + "\n";
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private JsonNode schema() {
        ObjectNode head = JSON.createObjectNode();
        head.put("$schema", "http://json-schema.org/draft-07/schema#");
        head.put("title", "Watchkeeper's configuration");
        ConfigurationDocument.rows().values().forEach(this::enter);
        head.setAll(root);
        return head;
    }

    private void enter(Row row) {
        if (row.isReserved()) {
            return;
        }
        ObjectNode block = root;
        List<String> path = List.of(row.key().split("\\."));
        for (String key : path.subList(0, path.size() - 1)) {
            block = child(block, key);
        }
        String last = path.get(path.size() - 1);
        put(block, last, value(row));
        if (row.isRequired()) {
            block.withArray("required").add(last);
        }
    }

    private static ObjectNode child(ObjectNode block, String key) {
        JsonNode there = key.equals("NAME")
                ? block.get("additionalProperties")
                : block.path("properties").get(key);
        if (there instanceof ObjectNode known) {
            return known;
        }
        ObjectNode made = block();
        put(block, key, made);
        return made;
    }

    private static void put(ObjectNode block, String key, ObjectNode value) {
        if (key.equals("NAME")) {
            block.set("additionalProperties", value);
        } else {
            ((ObjectNode) block.get("properties")).set(key, value);
        }
    }

    private static ObjectNode block() {
        ObjectNode block = JSON.createObjectNode();
        block.putArray("type").add("object").add("null");
        block.put("additionalProperties", false);
        block.putObject("properties");
        return block;
    }

    private ObjectNode value(Row row) {
        ObjectNode value = JSON.createObjectNode();
        String note = row.literal().isPresent() || row.isRequired()
                ? ""
                : ". Default: " + row.fallback().replace("`", "'");
        value.put("description", row.plainMeaning() + note);
        KeyShape shape = shapes.getOrDefault(row.key(), KeyShape.TEXT);
        if (row.kind().startsWith("list")) {
            ArrayNode either = value.putArray("anyOf");
            either.add(scalar());
            either.addObject().put("type", "array").set("items", scalar());
            return value;
        }
        if (!row.choices().isEmpty()) {
            ArrayNode either = value.putArray("anyOf");
            ArrayNode words = either.addObject().putArray("enum");
            row.choices().forEach(words::add);
            either.add(matching(VARIABLE));
        } else {
            fill(value, row, shape);
        }
        if (row.isPlain()) {
            fallback(value, shape, row.literal().orElseThrow());
        }
        return value;
    }

    private static void fill(ObjectNode value, Row row, KeyShape shape) {
        switch (shape.kind()) {
            case FLAG -> either(value, JSON.createObjectNode().put("type", "boolean"));
            case NUMBER ->
                either(
                        value,
                        JSON.createObjectNode()
                                .put("type", "integer")
                                .put("minimum", (Integer) shape.least())
                                .put("maximum", (Integer) shape.most()));
            case DURATION -> either(value, matching(DURATION));
            case SIZE -> {
                either(value, matching(SIZE));
                ((ArrayNode) value.get("anyOf")).addObject().put("type", "integer");
            }
            default -> {
                if (row.kind().equals("share")) {
                    either(value, matching(SHARE));
                } else {
                    value.setAll(scalar());
                }
            }
        }
    }

    private static void either(ObjectNode value, ObjectNode usual) {
        ArrayNode either = value.putArray("anyOf");
        either.add(usual);
        either.add(matching(VARIABLE));
    }

    private static ObjectNode matching(String pattern) {
        return JSON.createObjectNode().put("type", "string").put("pattern", pattern);
    }

    /** A text may look like a number to YAML. */
    private static ObjectNode scalar() {
        ObjectNode scalar = JSON.createObjectNode();
        scalar.putArray("type").add("string").add("number").add("boolean");
        return scalar;
    }

    private static void fallback(ObjectNode value, KeyShape shape, String literal) {
        switch (shape.kind()) {
            case FLAG -> value.put("default", Boolean.parseBoolean(literal));
            case NUMBER -> value.put("default", Integer.parseInt(literal));
            default -> value.put("default", literal);
        }
    }
}
