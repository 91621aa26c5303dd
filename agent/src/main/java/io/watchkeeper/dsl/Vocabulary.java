package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.DelegatesTo;
import io.watchkeeper.problem.Suggestion;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The words of the language and the blocks they stand in, read once from the Spec classes. */
final class Vocabulary {

    static final Vocabulary LANGUAGE = new Vocabulary();

    private final Map<Class<?>, BlockWords> blocks = new LinkedHashMap<>();
    private final BlockWords file;

    /**
     * A word of a block.
     *
     * @param methods its overloads; one of them has the documentation
     * @param property true for a bare word like {@code log}
     * @param opens the Spec class of the block it opens
     */
    record Term(
            String name,
            Word doc,
            List<Method> methods,
            boolean property,
            @Nullable Class<?> opens) {}

    /** A bare word that stands for a value. */
    record Value(String name, Choice doc, Method method) {}

    /**
     * The words of one block, in order.
     *
     * @param parents the blocks it may stand in; empty for the file
     */
    record BlockWords(
            String name,
            Class<?> spec,
            Block doc,
            Map<String, Term> terms,
            Map<String, Value> values,
            Set<Class<?>> parents) {

        /** True for what stands outside all blocks. */
        boolean isFile() {
            return spec == RunbookScript.class;
        }

        /** True where the block's words run with each run, and not once when the file is loaded. */
        boolean holdsCode() {
            return ActionSpec.class.isAssignableFrom(spec);
        }

        List<String> valuesOf(String word) {
            return values.values().stream()
                    .filter(v -> List.of(v.doc().of()).contains(word))
                    .map(Value::name)
                    .toList();
        }
    }

    private Vocabulary() {
        file = add(RunbookScript.class);
    }

    /** What stands outside all blocks. */
    BlockWords file() {
        return file;
    }

    Collection<BlockWords> blocks() {
        return blocks.values();
    }

    Optional<BlockWords> blockOf(@Nullable Class<?> spec) {
        return Optional.ofNullable(blocks.get(spec));
    }

    /** The blocks that have the word. */
    List<BlockWords> having(String word) {
        return blocks.values().stream().filter(b -> b.terms().containsKey(word)).toList();
    }

    /** The word of the block that was probably meant. */
    Optional<Term> nearest(BlockWords block, String wrong) {
        return Suggestion.nearest(wrong, block.terms().keySet())
                .map(name -> Objects.requireNonNull(block.terms().get(name)));
    }

    private BlockWords add(Class<?> spec) {
        BlockWords known = blocks.get(spec);
        if (known != null) {
            return known;
        }
        Block doc = Objects.requireNonNull(spec.getAnnotation(Block.class), spec.getName());
        Map<String, Term> terms = new LinkedHashMap<>();
        BlockWords block = new BlockWords(doc.name(), spec, doc, terms, values(spec), new java.util.LinkedHashSet<>());
        blocks.put(spec, block);
        Map<String, Term> found = terms(spec);
        for (String name : doc.words()) {
            Term term = found.remove(name);
            if (term == null) {
                throw new IllegalStateException(spec.getSimpleName() + " names the word '" + name + "' and has none");
            }
            terms.put(name, term);
        }
        if (!found.isEmpty()) {
            throw new IllegalStateException(
                    spec.getSimpleName() + " has words that its @Block leaves out: " + found.keySet());
        }
        for (Term term : terms.values()) {
            if (term.opens() != null) {
                add(term.opens()).parents().add(spec);
            }
        }
        return block;
    }

    private static Map<String, Term> terms(Class<?> spec) {
        Map<String, List<Method>> byName = new TreeMap<>();
        for (Method method : spec.getMethods()) {
            if (method.getDeclaringClass().getPackage().equals(Vocabulary.class.getPackage())
                    && !method.isBridge()
                    && !method.isAnnotationPresent(Choice.class)) {
                byName.computeIfAbsent(wordOf(method), n -> new ArrayList<>()).add(method);
            }
        }
        Map<String, Term> terms = new TreeMap<>();
        byName.forEach((name, methods) -> annotation(methods, Word.class).ifPresent(word -> {
            boolean property = methods.stream().allMatch(m -> isGetter(m.getName()));
            terms.put(name, new Term(name, word, methods, property, opens(methods)));
        }));
        return terms;
    }

    private static Map<String, Value> values(Class<?> spec) {
        Map<String, Value> values = new LinkedHashMap<>();
        Stream.of(spec.getMethods())
                .filter(m -> m.isAnnotationPresent(Choice.class))
                .sorted(Comparator.comparingInt(Vocabulary::position).thenComparing(Vocabulary::wordOf))
                .forEach(m -> values.put(wordOf(m), new Value(wordOf(m), m.getAnnotation(Choice.class), m)));
        return values;
    }

    /** The value's place among the constants of its type, which is the order people expect. */
    private static int position(Method method) {
        Object[] constants = method.getReturnType().getEnumConstants();
        List<String> names = constants == null
                ? List.of()
                : Arrays.stream(constants)
                        .map(c -> c.toString().replace("_", "").toLowerCase(java.util.Locale.ROOT))
                        .toList();
        return names.indexOf(wordOf(method).toLowerCase(java.util.Locale.ROOT));
    }

    private static <A extends Annotation> Optional<A> annotation(List<Method> methods, Class<A> type) {
        return methods.stream()
                .map(m -> m.getAnnotation(type))
                .filter(Objects::nonNull)
                .findFirst();
    }

    private static @Nullable Class<?> opens(List<Method> methods) {
        for (Method method : methods) {
            for (Parameter parameter : method.getParameters()) {
                DelegatesTo delegate = parameter.getAnnotation(DelegatesTo.class);
                if (delegate != null && Closure.class.isAssignableFrom(parameter.getType())) {
                    return delegate.value();
                }
            }
        }
        return null;
    }

    private static boolean isGetter(String method) {
        return method.length() > 3 && method.startsWith("get") && Character.isUpperCase(method.charAt(3));
    }

    /** The word as it stands in a runbook: {@code getRunOnce} is {@code runOnce}, {@code getMON} is {@code MON}. */
    private static String wordOf(Method method) {
        String name = method.getName();
        if (!isGetter(name)) {
            return name;
        }
        String bare = name.substring(3);
        return bare.length() > 1 && Character.isUpperCase(bare.charAt(1))
                ? bare
                : Character.toLowerCase(bare.charAt(0)) + bare.substring(1);
    }
}
