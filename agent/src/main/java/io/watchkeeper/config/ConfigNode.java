package io.watchkeeper.config;

import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.DurationText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One block of the file, read key by key with typed getters. A getter that meets something wrong reports it and answers as if
 * the key were absent, so that reading goes on and finds the rest. Every key asked for becomes a known one; {@link #finish}
 * then reports what nobody asked for.
 */
final class ConfigNode {

    /** A key and its value, each where it stands. */
    private record Entry(Node key, Node value) {}

    private final ConfigSource source;
    private final String path;
    private final String documentedPath;
    private final @Nullable Node node;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private final List<ConfigNode> children = new ArrayList<>();

    /** @param node null when the block is absent: every key in it is absent then */
    static ConfigNode root(ConfigSource source, @Nullable Node node) {
        return new ConfigNode(source, "", "", node);
    }

    private ConfigNode(ConfigSource source, String path, String documentedPath, @Nullable Node node) {
        this.source = source;
        this.path = path;
        this.documentedPath = documentedPath;
        this.node = node;
        if (node instanceof MappingNode mapping) {
            mapping.getValue().forEach(this::enter);
        } else if (node != null && !isEmpty(node)) {
            source.problem(
                    node,
                    (path.isEmpty() ? "the configuration" : "'" + path + "'") + " must be a block of keys, not "
                            + kind(node),
                    "write each key on a line of its own, as 'key: value'.");
        }
    }

    private void enter(NodeTuple tuple) {
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
            source.problem(tuple.getKeyNode(), "a key must be a word, not " + kind(tuple.getKeyNode()), null);
            return;
        }
        Entry first = entries.putIfAbsent(key.getValue(), new Entry(key, tuple.getValueNode()));
        if (first != null) {
            source.problem(
                    key,
                    "key " + named(key.getValue()) + " stands twice, first in " + ConfigSource.lineOf(first.key()),
                    "remove one of the two.");
        }
    }

    boolean has(String key) {
        return ask(key) != null;
    }

    /** The text with environment variables filled in; never blank. */
    Optional<String> text(String key) {
        Entry entry = ask(key);
        return entry == null ? Optional.empty() : scalar(key, entry.value());
    }

    /** The text as it stands in the file, safe to show: a variable's value is not in it. Blank when there is none. */
    String raw(String key) {
        Entry entry = entries.get(key);
        return entry != null && entry.value() instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    /** The text read as something; when {@code read} finds nothing in it, that is a problem: "'key' is 'raw', which is not a what". */
    <T> Optional<T> parsed(String key, String what, @Nullable String hint, Function<String, Optional<T>> read) {
        Optional<String> text = text(key);
        Optional<T> value = text.flatMap(read);
        if (text.isPresent() && value.isEmpty()) {
            problem(key, named(key) + " is '" + raw(key) + "', which is not " + what, hint);
        }
        return value;
    }

    boolean flag(String key, boolean fallback) {
        describe(key, KeyShape.flag(fallback));
        return parsed(key, "true or false", null, text -> switch (text) {
                    case "true" -> Optional.of(true);
                    case "false" -> Optional.of(false);
                    default -> Optional.empty();
                })
                .orElse(fallback);
    }

    int number(String key, int least, int most, int fallback) {
        describe(key, KeyShape.number(least, most, fallback));
        return parsed(key, "a whole number from " + least + " to " + most, "write digits only.", text -> {
                    try {
                        int number = Integer.parseInt(text);
                        return number >= least && number <= most ? Optional.of(number) : Optional.<Integer>empty();
                    } catch (NumberFormatException e) {
                        return Optional.<Integer>empty();
                    }
                })
                .orElse(fallback);
    }

    Duration duration(String key, Duration least, Duration fallback) {
        describe(key, KeyShape.duration(least, fallback));
        return parsed(
                        key,
                        "a duration" + (least.isZero() ? "" : " of at least " + DurationText.say(least)),
                        "write a number and a unit: 30s, 5 min, 4h or 90d.",
                        text -> DurationText.parse(text).filter(d -> d.compareTo(least) >= 0))
                .orElse(fallback);
    }

    Bytes size(String key, Bytes least, Bytes most, Bytes fallback) {
        describe(key, KeyShape.size(least, most, fallback));
        return parsed(
                        key,
                        "a size from " + least + " to " + most,
                        "write a number and a unit: 64KB or 1MB.",
                        text -> Bytes.parse(text).filter(b -> b.compareTo(least) >= 0 && b.compareTo(most) <= 0))
                .orElse(fallback);
    }

    /** An absolute path; a relative one in the file starts at the file's folder. */
    Optional<Path> path(String key) {
        describe(key, KeyShape.PATH);
        return parsed(key, "a path", null, text -> {
            try {
                return Optional.of(source.resolve(text));
            } catch (java.nio.file.InvalidPathException e) {
                return Optional.empty();
            }
        });
    }

    /** A list of texts; one text alone is a list of one. */
    List<String> texts(String key) {
        describe(key, KeyShape.LIST);
        Entry entry = ask(key);
        if (entry == null) {
            return List.of();
        }
        List<Node> nodes = entry.value() instanceof SequenceNode list ? list.getValue() : List.of(entry.value());
        return nodes.stream().flatMap(item -> scalar(key, item).stream()).toList();
    }

    /** The block under the key; an empty one when it is absent. */
    ConfigNode block(String key) {
        describe(key, KeyShape.BLOCK);
        Entry entry = ask(key);
        return child(key, key, entry == null ? null : entry.value());
    }

    /** The blocks in this one, by the names their author gave them. */
    Map<String, ConfigNode> namedBlocks() {
        Map<String, ConfigNode> blocks = new LinkedHashMap<>();
        known.addAll(entries.keySet());
        entries.forEach((name, entry) -> blocks.put(name, child(name, "NAME", entry.value())));
        return blocks;
    }

    /** The names that their author gave to the values in this block. */
    Set<String> names() {
        source.knownKey(joined(documentedPath, "NAME"));
        known.addAll(entries.keySet());
        return entries.keySet();
    }

    private ConfigNode child(String key, String documentedKey, @Nullable Node value) {
        ConfigNode child = new ConfigNode(source, joined(path, key), joined(documentedPath, documentedKey), value);
        children.add(child);
        return child;
    }

    /** A key that a later version will give a meaning; until then using it is a problem. */
    void reserved(String key, String why, String hint) {
        source.knownKey(joined(documentedPath, key));
        Entry entry = entries.remove(key);
        if (entry != null) {
            source.problem(entry.key(), named(key) + " is reserved: " + why, hint);
        }
    }

    /** Reports a missing key at the block it is missing from. */
    void missing(String key, @Nullable String hint) {
        source.problem(node, named(key) + " is missing", hint);
    }

    /** Reports something wrong with the key's value. */
    void problem(String key, String message, @Nullable String hint) {
        source.problem(valueOf(key), message, hint);
    }

    void warning(String key, String message, @Nullable String hint) {
        source.warning(valueOf(key), message, hint);
    }

    /** Where the key's value stands; its block for an absent key; nothing smaller than the file for an absent key at the top. */
    private @Nullable Node valueOf(String key) {
        Entry entry = entries.get(key);
        return entry != null ? entry.value() : path.isEmpty() ? null : node;
    }

    ConfigSource source() {
        return source;
    }

    /** The key with its block, in quotes, for example {@code 'databases.shore.url'}. */
    String named(String key) {
        return "'" + joined(path, key) + "'";
    }

    /** Reports the keys of this block and of those in it that nobody asked for. */
    void finish() {
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                source.problem(
                        entry.key(),
                        "unknown key '" + key + "'" + (path.isEmpty() ? "" : " in '" + path + "'"),
                        Suggestion.didYouMean(key, known) + "Keys here: " + String.join(", ", known) + ".");
            }
        });
        children.forEach(ConfigNode::finish);
    }

    private void describe(String key, KeyShape shape) {
        source.knownKey(joined(documentedPath, key), shape);
    }

    private @Nullable Entry ask(String key) {
        known.add(key);
        source.knownKey(joined(documentedPath, key));
        return entries.get(key);
    }

    private Optional<String> scalar(String key, Node value) {
        if (!(value instanceof ScalarNode scalar)) {
            source.problem(value, named(key) + " must be a single value, not " + kind(value), null);
            return Optional.empty();
        }
        try {
            String text = EnvironmentText.fill(scalar.getValue(), source.environment())
                    .strip();
            if (isEmpty(value) || text.isEmpty()) {
                source.problem(value, named(key) + " has no value", "give it one, or remove the line.");
                return Optional.empty();
            }
            return Optional.of(text);
        } catch (EnvironmentText.UnfilledException e) {
            source.problem(value, named(key) + ": " + e.getMessage(), e.hint());
            return Optional.empty();
        }
    }

    private static boolean isEmpty(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private static String kind(Node node) {
        return node instanceof MappingNode ? "a block" : node instanceof SequenceNode ? "a list" : "a single value";
    }

    private static String joined(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
