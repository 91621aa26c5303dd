package io.watchkeeper.dsl;

import io.watchkeeper.dsl.BlockMap.Place;
import io.watchkeeper.dsl.Vocabulary.BlockWords;
import io.watchkeeper.dsl.Vocabulary.Term;
import io.watchkeeper.dsl.Vocabulary.Value;
import io.watchkeeper.problem.Suggestion;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.syntax.Types;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with a word: unknown, in the wrong block, or given the wrong values. */
final class WrongWords {

    private final Vocabulary language = Vocabulary.LANGUAGE;
    private final CompileRequest request;
    private final BlockMap blocks;

    WrongWords(CompileRequest request, BlockMap blocks) {
        this.request = request;
        this.blocks = blocks;
    }

    /** A word with arguments that the block does not take. */
    void missingWord(Place here, MethodCallExpression call, String name, ClassNode[] types) {
        BlockWords words = here.words();
        if (words == null || request.removedNames().contains(name)) {
            return;
        }
        Term own = words.terms().get(name);
        if (own != null) {
            wrongArguments(words, own, call, types);
        } else if (words.values().containsKey(name)) {
            Value value = Objects.requireNonNull(words.values().get(name));
            request.problem(
                    call,
                    "'" + name + "' is a value of '"
                            + String.join("' and '", value.doc().of()) + "', not a word of its own",
                    "write: " + value.doc().of()[0] + " " + name);
        } else {
            unknownWord(here, words, call, name);
        }
    }

    private void unknownWord(Place here, BlockWords words, ASTNode place, String name) {
        List<BlockWords> owners = language.having(name);
        if (owners.isEmpty()) {
            request.problem(place, unknown(words, name), options(words, name));
            return;
        }
        String belongs = owners.stream().map(WrongWords::called).distinct().collect(Collectors.joining(" or "));
        String not = words.isFile() ? "not at " : "not inside ";
        request.problem(
                place,
                "'" + name + "' belongs to " + belongs + ", " + not + called(words),
                way(here, words, owners, name));
    }

    private static String unknown(BlockWords words, String name) {
        return words.isFile()
                ? "unknown word '" + name + "' at the top level of the file"
                : "unknown " + (words.holdsCode() ? "word" : "option") + " '" + name + "' in '" + words.name() + "'";
    }

    private static String options(BlockWords words, String name) {
        return Suggestion.didYouMean(name, words.terms().keySet())
                + (words.holdsCode() || words.isFile() ? "Words" : "Options")
                + " here: " + String.join(", ", words.terms().keySet()) + ".";
    }

    private static String called(BlockWords words) {
        return words.isFile() ? "the top level of the file" : "'" + words.name() + "'";
    }

    /** How to bring a word to its place. */
    private String way(Place here, BlockWords words, List<BlockWords> owners, String name) {
        int up = 0;
        for (Place place = here; place != null; place = place.outer(), up++) {
            if (owners.contains(place.words())) {
                return up == 1 ? "move it up one block." : "move it up " + up + " blocks.";
            }
        }
        String near = language.nearest(words, name)
                .map(t -> "did you mean '" + t.name() + "'? Or move it into ")
                .orElse("move it into ");
        return near + owners.get(0).name() + " { … }.";
    }

    private void wrongArguments(BlockWords words, Term term, MethodCallExpression call, ClassNode[] types) {
        // The block of a word that is written wrongly has no words: nothing in it can be judged.
        blocks.leaveOut(call);
        List<Expression> arguments = BlockMap.arguments(call);
        String example = "write it like this: " + term.doc().example();
        List<String> values = words.valuesOf(term.name());
        if (term.property()) {
            request.problem(call, "'" + term.name() + "' takes no values", example);
            return;
        }
        Method nearest = nearest(term, arguments.size());
        if (distance(nearest, arguments.size()) == 0) {
            for (int i = 0; i < arguments.size() && i < types.length; i++) {
                Parameter parameter = nearest.getParameters()[Math.min(i, nearest.getParameterCount() - 1)];
                if (!fits(parameter, types[i])) {
                    request.problem(
                            arguments.get(i),
                            "'" + term.name() + "' takes " + TypeWords.wanted(parameter, values) + ", not "
                                    + TypeWords.given(arguments.get(i), types[i]),
                            example);
                    return;
                }
            }
        }
        List<String> given = new ArrayList<>();
        for (int i = 0; i < arguments.size() && i < types.length; i++) {
            given.add(TypeWords.given(arguments.get(i), types[i]));
        }
        request.problem(
                call,
                "'" + term.name() + "' takes " + TypeWords.wanted(documented(term), values) + ", not "
                        + TypeWords.and(given),
                example);
    }

    private static Method documented(Term term) {
        return term.methods().stream()
                .filter(m -> m.isAnnotationPresent(Word.class))
                .findFirst()
                .orElse(term.methods().get(0));
    }

    /** The overload with the nearest number of values; of several the documented one. */
    private static Method nearest(Term term, int arguments) {
        Method best = documented(term);
        for (Method method : term.methods()) {
            if (distance(method, arguments) < distance(best, arguments)) {
                best = method;
            }
        }
        return best;
    }

    private static int distance(Method method, int arguments) {
        int count = method.getParameterCount();
        return method.isVarArgs() ? Math.max(0, count - 1 - arguments) : Math.abs(count - arguments);
    }

    private static boolean fits(Parameter wanted, ClassNode given) {
        boolean element = wanted.isVarArgs() && !given.isArray();
        ClassNode target = ClassHelper.make(element ? wanted.getType().getComponentType() : wanted.getType());
        return org.codehaus.groovy.transform.stc.StaticTypeCheckingSupport.isAssignableTo(given, target);
    }

    /** A bare name that means nothing here. */
    void unknownName(
            Place here, VariableExpression variable, @Nullable Expression call, @Nullable BinaryExpression binary) {
        BlockWords words = here.words();
        String name = variable.getName();
        if (words == null || request.removedNames().contains(name) || request.hasProblemIn(variable)) {
            return;
        }
        Term own = words.terms().get(name);
        if (own != null) {
            bareWord(own, variable, binary != null && binary.getLeftExpression() == variable);
            return;
        }
        Term asked = call instanceof MethodCallExpression word && word.isImplicitThis()
                ? words.terms().get(String.valueOf(word.getMethodAsString()))
                : null;
        if (asked != null
                && (isArgument(call, variable) || !words.valuesOf(asked.name()).isEmpty())) {
            unknownValue(words, asked, variable);
        } else if (!language.having(name).isEmpty()) {
            unknownWord(here, words, variable, name);
        } else if (binary != null
                && binary.getLeftExpression() == variable
                && binary.getOperation().isA(Types.ASSIGNMENT_OPERATOR)) {
            request.problem(
                    variable,
                    "there is no variable '" + name + "' to put a value into",
                    language.nearest(words, name)
                            .map(t -> "did you mean '" + t.name() + "'? Options are written without '=': "
                                    + t.doc().example())
                            .orElse("declare it first: def " + name + " = …"));
        } else {
            String near = Suggestion.didYouMean(name, allNames(words));
            request.problem(
                    variable,
                    "unknown name '" + name + (words.isFile() ? "' at " : "' in ") + called(words),
                    near.isEmpty() ? "a text goes in quotes: '" + name + "'." : near.strip());
        }
    }

    private static boolean isArgument(@Nullable Expression call, VariableExpression variable) {
        return call instanceof MethodCallExpression word
                && BlockMap.arguments(word).contains(variable);
    }

    /** A word that stands alone, or before a {@code =}. */
    void bareWord(Term own, VariableExpression variable, boolean assigned) {
        request.problem(
                variable,
                assigned
                        ? "'" + own.name() + "' is a word, not a variable: it is written without '='"
                        : "'" + own.name() + "' needs " + TypeWords.wanted(documented(own), List.of()),
                "write it like this: " + own.doc().example());
    }

    private void unknownValue(BlockWords words, Term asked, VariableExpression variable) {
        String name = variable.getName();
        List<String> values = words.valuesOf(asked.name());
        String hint = values.isEmpty()
                ? "a text goes in quotes: '" + name + "'."
                : suggestion(name, values) + "Values here: " + String.join(", ", values) + ".";
        request.problem(variable, "unknown value '" + name + "' for '" + asked.name() + "'", hint);
    }

    /** Also finds MON for MONDAY. */
    private static String suggestion(String name, List<String> values) {
        String near = Suggestion.didYouMean(name, values);
        return !near.isEmpty()
                ? near
                : values.stream()
                        .filter(v -> name.regionMatches(true, 0, v, 0, v.length()))
                        .findFirst()
                        .map(v -> "did you mean '" + v + "'? ")
                        .orElse("");
    }

    private static Collection<String> allNames(BlockWords words) {
        Set<String> names = new TreeSet<>(words.terms().keySet());
        names.addAll(words.values().keySet());
        return names;
    }
}
