package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.dsl.Vocabulary.BlockWords;
import io.watchkeeper.dsl.Vocabulary.Term;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes the files for editors out of the Spec classes, as the reference of the language is. */
final class EditorFiles {

    private static final String UNITS =
            "milliseconds? seconds? minutes? hours? days? kilobytes? megabytes? gigabytes? terabytes? percent";

    private EditorFiles() {}

    /** The files by name. */
    static Map<String, String> all() {
        Map<String, String> files = new TreeMap<>();
        files.put("watchkeeper.gdsl", gdsl());
        files.put("watchkeeper.vim", vim());
        files.put("watchkeeper-words.txt", String.join("\n", words()) + "\n");
        return files;
    }

    private static Set<String> words() {
        Set<String> words = new TreeSet<>();
        for (BlockWords block : Vocabulary.LANGUAGE.blocks()) {
            words.addAll(block.terms().keySet());
            words.addAll(block.values().keySet());
        }
        return words;
    }

    private static String gdsl() {
        StringBuilder text = new StringBuilder("""
            // Completion of Watchkeeper's runbook language in IntelliJ IDEA. Generated from the Spec classes of io.watchkeeper.dsl.
            // Put it into the folder of runbooks, opened as a project with Groovy: 'watchkeeper editor --intellij DIR' does.
            def file = context(scope: scriptScope())
            def block = context(scope: closureScope())

            """);
        for (BlockWords block : Vocabulary.LANGUAGE.blocks()) {
            text.append("// ").append(block.name()).append('\n');
            text.append("contributor(")
                    .append(block.isFile() ? "file" : "block")
                    .append(") {\n");
            text.append("    if (").append(condition(block)).append(") {\n");
            for (Term term : block.terms().values()) {
                term.methods().stream()
                        .map(method -> "        " + member(term, method) + "\n")
                        .distinct()
                        .sorted()
                        .forEach(text::append);
            }
            block.values()
                    .values()
                    .forEach(value -> text.append("        property(name: ")
                            .append(quoted(value.name()))
                            .append(", type: 'java.lang.Object', doc: ")
                            .append(quoted(value.doc().value()))
                            .append(")\n"));
            text.append("    }\n}\n\n");
        }
        return text.toString().stripTrailing() + "\n";
    }

    /** Inside the block, and in none of the blocks within it: a word of an outer block is none of an inner one. */
    private static String condition(BlockWords block) {
        if (block.isFile()) {
            return "!enclosingCall('runbook')";
        }
        Set<String> inner = new LinkedHashSet<>();
        block.terms().values().stream()
                .filter(term -> term.opens() != null)
                .map(Term::name)
                .filter(name -> !name.equals(block.name()))
                .forEach(inner::add);
        List<String> parts = new ArrayList<>();
        parts.add("enclosingCall(" + quoted(block.name()) + ")");
        inner.forEach(name -> parts.add("!enclosingCall(" + quoted(name) + ")"));
        return String.join(" && ", parts);
    }

    private static String member(Term term, Method method) {
        String doc = ", doc: "
                + quoted(term.doc().value() + " Example: " + term.doc().example());
        String type = quoted(method.getReturnType().getCanonicalName());
        if (term.property()) {
            return "property(name: " + quoted(term.name()) + ", type: " + type + doc + ")";
        }
        List<String> parameters = new ArrayList<>();
        int n = 0;
        for (Class<?> parameter : method.getParameterTypes()) {
            boolean block = Closure.class.isAssignableFrom(parameter);
            parameters.add((block ? "block" : "value" + ++n) + ": " + quoted(parameter.getCanonicalName()));
        }
        return "method(name: " + quoted(term.name()) + ", type: " + type + ", params: ["
                + (parameters.isEmpty() ? ":" : String.join(", ", parameters)) + "]" + doc + ")";
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replaceAll("\\s+", " ") + "'";
    }

    private static String vim() {
        Set<String> blocks = new TreeSet<>();
        Set<String> options = new TreeSet<>();
        Set<String> values = new TreeSet<>();
        Set<String> verbs = new TreeSet<>();
        for (BlockWords block : Vocabulary.LANGUAGE.blocks()) {
            boolean declares = block.isFile() || block.name().equals("runbook");
            for (Term term : block.terms().values()) {
                boolean opensBlock = declares && term.opens() != null;
                (opensBlock ? blocks : block.holdsCode() ? verbs : options).add(term.name());
            }
            values.addAll(block.values().keySet());
        }
        options.removeAll(verbs);
        options.removeAll(blocks);
        values.removeAll(options);
        values.removeAll(verbs);
        values.removeAll(blocks);
        return """
                " Vim syntax file of Watchkeeper's runbook language, on top of that of Groovy.
                " Generated from the Spec classes of io.watchkeeper.dsl.
                if exists('b:watchkeeper_syntax')
                  finish
                endif
                let b:watchkeeper_syntax = 1

                """
                + keywords("Block", blocks)
                + keywords("Verb", verbs)
                + keywords("Option", options)
                + keywords("Value", values)
                + "syn match watchkeeperUnit /\\v<\\d[0-9_.]*\\.("
                + UNITS.replaceAll("(\\w)\\?", "$1?").replace(" ", "|")
                + ")>/\n"
                + """

                hi def link watchkeeperBlock Structure
                hi def link watchkeeperVerb Function
                hi def link watchkeeperOption Identifier
                hi def link watchkeeperValue Constant
                hi def link watchkeeperUnit Number
                """;
    }

    private static String keywords(String group, Set<String> words) {
        // Lines of bounded length, and no word that vim takes for an argument of 'syn keyword'.
        Set<String> reserved = Set.of(
                "contains",
                "oneline",
                "fold",
                "display",
                "extend",
                "concealends",
                "conceal",
                "cchar",
                "contained",
                "containedin",
                "nextgroup",
                "transparent",
                "skipwhite",
                "skipnl",
                "skipempty");
        String plain = words.stream().filter(word -> !reserved.contains(word)).collect(Collectors.joining(" "));
        StringBuilder text = new StringBuilder();
        StringBuilder line = new StringBuilder();
        for (String word : plain.split(" ")) {
            if (line.length() + word.length() > 100) {
                text.append("syn keyword watchkeeper")
                        .append(group)
                        .append(line)
                        .append('\n');
                line.setLength(0);
            }
            line.append(' ').append(word);
        }
        return text.append("syn keyword watchkeeper")
                .append(group)
                .append(line)
                .append('\n')
                .toString();
    }
}
