package io.watchkeeper.dsl;

import io.watchkeeper.problem.Suggestion;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCall;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;

/** Says what is wrong with what is done with a value: no such method, unit or operator, or the wrong type. */
final class WrongMembers {

    private static final List<String> UNITS = List.of(
            "milliseconds",
            "seconds",
            "minutes",
            "hours",
            "days",
            "kilobytes",
            "megabytes",
            "gigabytes",
            "terabytes",
            "percent");

    private static final Map<String, String> OPERATORS = Map.ofEntries(
            Map.entry("plus", "+"),
            Map.entry("minus", "-"),
            Map.entry("multiply", "*"),
            Map.entry("div", "/"),
            Map.entry("mod", "%"),
            Map.entry("remainder", "%"),
            Map.entry("power", "**"),
            Map.entry("compareTo", "<, >, <= or >="),
            Map.entry("leftShift", "<<"),
            Map.entry("rightShift", ">>"),
            Map.entry("getAt", "[…]"),
            Map.entry("putAt", "[…] ="),
            Map.entry("and", "&"),
            Map.entry("or", "|"));

    /** More names than this help nobody. */
    private static final int MOST_NAMED = 16;

    private final CompileRequest request;

    WrongMembers(CompileRequest request) {
        this.request = request;
    }

    /** Something done with a value that cannot be done with it. */
    void missingMember(ClassNode receiver, String name, ClassNode[] types, MethodCall call) {
        ASTNode place = place(call);
        if (name.equals("call") && !receiver.equals(ClassHelper.CLOSURE_TYPE)) {
            request.problem(
                    place,
                    TypeWords.ofType(receiver) + " is not a word, and cannot be used like one",
                    "a closure can be called: def name = { x -> … } in one statement, then name(1).");
            return;
        }
        if (receiver.getMethods(name).isEmpty()) {
            unknownMember(receiver, name, place);
            return;
        }
        String given = types.length == 0
                ? "nothing"
                : TypeWords.and(Arrays.stream(types).map(TypeWords::ofType).toList());
        request.problem(
                place,
                "'" + name + "' of " + TypeWords.ofType(receiver) + " does not take " + given,
                example(receiver, name).orElse("see how it is used in docs/runbook-language.md."));
    }

    /** How a word of {@code log}, {@code http} and the like is written. */
    private static Optional<String> example(ClassNode receiver, String name) {
        return !receiver.isResolved()
                ? Optional.empty()
                : Stream.of(receiver.getTypeClass().getMethods())
                        .filter(m -> m.getName().equals(name) && m.isAnnotationPresent(Word.class))
                        .map(m -> "write it like this: "
                                + m.getAnnotation(Word.class).example())
                        .findFirst();
    }

    private static ASTNode place(MethodCall call) {
        ASTNode method = call instanceof MethodCallExpression written ? written.getMethod() : (ASTNode) call;
        return Stream.of(method, (ASTNode) call, call.getReceiver(), call.getArguments())
                .filter(node -> node.getLineNumber() > 0)
                .findFirst()
                .orElse(method);
    }

    void missingOperator(ClassNode left, String name, ClassNode[] right, ASTNode place) {
        String symbol = OPERATORS.getOrDefault(name, name);
        String other = right.length == 0 ? "" : " and " + TypeWords.ofType(right[0]);
        request.problem(
                place,
                "'" + symbol + "' does not work with " + TypeWords.ofType(left) + other,
                left.equals(ClassHelper.OBJECT_TYPE)
                        ? "say the type first, for example  (rows[0].n as long) " + symbol + " 1"
                        : "both sides must be of one kind.");
    }

    void unknownProperty(ClassNode receiver, PropertyExpression property) {
        String name = String.valueOf(property.getPropertyAsString());
        if (TypeWords.isNumber(receiver)) {
            request.problem(
                    property.getProperty(),
                    "there is no unit '" + name + "'",
                    Suggestion.didYouMean(name, UNITS) + "Units: " + String.join(", ", UNITS) + ".");
        } else if (!receiver.getMethods(name).isEmpty()) {
            request.problem(
                    property.getProperty(),
                    "'" + name + "' is written with parentheses",
                    example(receiver, name).orElse("write: " + property.getText() + "()"));
        } else {
            unknownMember(receiver, name, property.getProperty());
        }
    }

    private void unknownMember(ClassNode receiver, String name, ASTNode place) {
        if (receiver.equals(ClassHelper.OBJECT_TYPE)) {
            request.problem(
                    place,
                    "'" + name + "' cannot be used here: the type of the value before it is not known",
                    "say the type first, for example  (rows[0].name as String)  or  String name = rows[0].name");
            return;
        }
        if (ClassHelper.isPrimitiveVoid(receiver)) {
            request.problem(
                    place,
                    "'" + name + "' stands after something that gives no value",
                    "is a ';' or a line break missing before it?");
            return;
        }
        if (TypeWords.isNumber(receiver) && UNITS.contains(name)) {
            request.problem(
                    place, "the unit '" + name + "' takes no values", "write it without parentheses: 5." + name);
            return;
        }
        request.problem(place, "there is no '" + name + "' for " + TypeWords.ofType(receiver), known(receiver, name));
    }

    /** What the value does have: the nearest name, else those of its own that may be used. */
    private static String known(ClassNode receiver, String name) {
        Set<String> all = new TreeSet<>();
        Set<String> own = new TreeSet<>();
        for (MethodNode method : receiver.getMethods()) {
            if (method.isPublic() && !method.isSynthetic() && AllowList.allowsMethod(method)) {
                all.add(wordOf(method.getName()));
                if (!AllowList.isOfEveryObject(method.getName())) {
                    own.add(wordOf(method.getName()));
                }
            }
        }
        String near = Suggestion.didYouMean(name, all);
        if (!near.isEmpty()) {
            return near.strip();
        }
        return own.isEmpty() || own.size() > MOST_NAMED
                ? "look at what the value is: log.info shows it."
                : "it has: " + String.join(", ", own) + ".";
    }

    /** {@code message} for {@code getMessage}: that is how it is written. */
    private static String wordOf(String method) {
        boolean getter = method.length() > 3 && method.startsWith("get") && Character.isUpperCase(method.charAt(3));
        return getter ? Character.toLowerCase(method.charAt(3)) + method.substring(4) : method;
    }

    void wrongAssignment(ClassNode left, ClassNode right, Expression assignment) {
        request.problem(
                assignment,
                TypeWords.ofType(right) + " cannot be put where " + TypeWords.ofType(left) + " is expected",
                "convert it, or declare the variable with 'def'.");
    }
}
