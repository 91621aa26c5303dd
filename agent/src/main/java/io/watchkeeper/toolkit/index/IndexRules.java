package io.watchkeeper.toolkit.index;

import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads a file of rules for indexes. What is wrong in it is told with its line. */
public final class IndexRules {

    private static final Set<String> KEYS =
            new TreeSet<>(List.of("name", "tables", "except", "index", "include", "never", "why"));
    private static final Set<String> METHODS = new TreeSet<>(List.of("btree", "hash", "gist", "spgist", "gin", "brin"));
    private static final long LARGEST = 1 << 20;

    private final Path file;

    private IndexRules(Path file) {
        this.file = file;
    }

    /** @throws OperatorException when there is no such file, or something is wrong in it */
    static List<IndexRule> read(Path file) {
        return new IndexRules(file).rules();
    }

    private List<IndexRule> rules() {
        Node root;
        try {
            if (Files.size(file) > LARGEST) {
                throw new OperatorException(file + " has more than 1 MB, too much for rules", null);
            }
            root = new Compose(LoadSettings.builder().build())
                    .composeString(Files.readString(file))
                    .orElseThrow(() -> new OperatorException(file + " is empty", "begin it with  rules:"));
        } catch (IOException e) {
            throw new OperatorException(
                    "the rules for indexes in " + file + " cannot be read: " + e.getMessage(),
                    "'rules' names a file beside the runbook, or an absolute path.",
                    e);
        } catch (YamlEngineException e) {
            throw new OperatorException(file + " is not YAML: " + e.getMessage(), "look at its indentation.", e);
        }
        if (!(root instanceof MappingNode top)) {
            throw wrong(root, "the file must begin with  rules:", null);
        }
        List<IndexRule> rules = new ArrayList<>();
        for (NodeTuple tuple : top.getValue()) {
            if (!text(tuple.getKeyNode()).equals("rules")) {
                throw wrong(tuple.getKeyNode(), "'" + text(tuple.getKeyNode()) + "' is no word of this file", "rules");
            }
            for (Node each : list(tuple.getValueNode())) {
                rules.add(rule(each));
            }
        }
        return rules;
    }

    private IndexRule rule(Node node) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, "a rule is a block of keys: " + String.join(", ", KEYS), null);
        }
        String name = "";
        String why = "";
        List<TablePattern> tables = List.of();
        List<TablePattern> except = List.of();
        List<IndexRule.Key> index = List.of();
        List<String> include = List.of();
        List<String> never = List.of();
        for (NodeTuple tuple : mapping.getValue()) {
            Node value = tuple.getValueNode();
            String key = text(tuple.getKeyNode());
            switch (key) {
                case "name" -> name = text(value);
                case "why" -> why = text(value);
                case "tables" -> tables = patterns(value);
                case "except" -> except = patterns(value);
                case "index" -> index = list(value).stream().map(this::key).toList();
                case "include" -> include = list(value).stream().map(this::text).toList();
                case "never" -> never = list(value).stream().map(this::method).toList();
                default ->
                    throw wrong(
                            tuple.getKeyNode(),
                            "'" + key + "' is no word of a rule",
                            Suggestion.didYouMean(key, KEYS) + "Words: " + String.join(", ", KEYS) + ".");
            }
        }
        if (name.isEmpty() || tables.isEmpty()) {
            throw wrong(node, "a rule needs 'name' and 'tables'", "tables: ['public.*']");
        }
        if (index.isEmpty() && never.isEmpty()) {
            throw wrong(
                    node,
                    "rule '" + name + "' asks for nothing",
                    "index: [tenant_id, created_at desc]  or  never: [hash]");
        }
        return new IndexRule(name, tables, except, index, include, never, why);
    }

    private List<TablePattern> patterns(Node node) {
        List<TablePattern> patterns = new ArrayList<>();
        for (Node each : list(node)) {
            try {
                patterns.add(TablePattern.parse(text(each)));
            } catch (OperatorException e) {
                throw wrong(each, String.valueOf(e.getMessage()), e.hint());
            }
        }
        return patterns;
    }

    private IndexRule.Key key(Node node) {
        String[] words = text(node).strip().split("\\s+");
        String direction = words.length > 1 ? words[1].toLowerCase(Locale.ROOT) : "asc";
        if (words.length > 2 || words[0].isEmpty() || !(direction.equals("asc") || direction.equals("desc"))) {
            throw wrong(
                    node, "'" + text(node) + "' is no column of an index", "write  created_at  or  created_at desc");
        }
        return new IndexRule.Key(words[0], direction.equals("desc"));
    }

    private String method(Node node) {
        String method = text(node);
        if (!METHODS.contains(method)) {
            throw wrong(
                    node,
                    "'" + method + "' is no kind of index",
                    Suggestion.didYouMean(method, METHODS) + "Kinds: " + String.join(", ", METHODS) + ".");
        }
        return method;
    }

    /** One value stands for a list of one. */
    private static List<Node> list(Node node) {
        return node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
    }

    private String text(Node node) {
        if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
            return scalar.getValue();
        }
        throw wrong(node, "a text is needed here", null);
    }

    private OperatorException wrong(Node node, String message, @Nullable String hint) {
        String line =
                node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
        return new OperatorException(file + line + ": " + message, hint);
    }
}
