package io.watchkeeper.dsl;

import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Runbook;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.CastExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.GStringExpression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;

/** Says the values of a runbook as they are written: variables and parameters by what they hold, units in words, the rest as it stands. */
final class ValueWords {

    private static final Set<String> UNITS = Set.of(
            "millisecond",
            "second",
            "minute",
            "hour",
            "day",
            "kilobyte",
            "megabyte",
            "gigabyte",
            "terabyte",
            "percent");
    private static final Set<String> CONVERSIONS = Set.of(
            "toInteger",
            "toLong",
            "toBigDecimal",
            "toDouble",
            "toString",
            "trim",
            "strip",
            "toBoolean",
            "asBoolean",
            "split",
            "tokenize");
    private static final String UNKNOWN = "…";

    private final Runbook runbook;
    private final ExplainWords words;
    private final Map<String, Expression> variables = new HashMap<>();

    ValueWords(Runbook runbook, ExplainWords words) {
        this.runbook = runbook;
        this.words = words;
    }

    /** From here on the variable stands for what it was declared with. */
    void declare(String variable, Expression value) {
        variables.put(variable, value);
    }

    String say(Expression value) {
        if (value instanceof ConstantExpression constant) {
            return String.valueOf(constant.getValue()).replaceAll("\\s+", " ").strip();
        }
        if (value instanceof VariableExpression variable) {
            Expression held = variables.get(variable.getName());
            // One that is declared by itself, as in  def a = a, would never end.
            return held == null || held == value ? variable.getName() : sayOnce(variable.getName(), held);
        }
        if (value instanceof PropertyExpression property) {
            return property(property);
        }
        if (value instanceof MethodCallExpression call) {
            return call(call);
        }
        if (value instanceof GStringExpression text) {
            return text(text);
        }
        if (value instanceof ListExpression list) {
            return sayAll(list.getExpressions());
        }
        if (value instanceof MapExpression map) {
            return map.getMapEntryExpressions().stream()
                    .map(e -> say(e.getKeyExpression()) + ": " + say(e.getValueExpression()))
                    .collect(Collectors.joining(", "));
        }
        if (value instanceof CastExpression cast) {
            return say(cast.getExpression());
        }
        return value instanceof BinaryExpression both ? binary(both) : written(value);
    }

    String sayAll(List<? extends Expression> values) {
        return values.stream().map(this::say).collect(Collectors.joining(", "));
    }

    /** What is added to an option that does not always hold. */
    String onlyIf(Expression condition) {
        return words.say("option.if", written(condition));
    }

    /** The arguments of a call, blocks left out. */
    static List<Expression> arguments(MethodCallExpression call) {
        List<Expression> all = call.getArguments() instanceof TupleExpression tuple
                ? tuple.getExpressions()
                : List.of(call.getArguments());
        return all.stream().filter(a -> !(a instanceof ClosureExpression)).toList();
    }

    /** An expression as a person wrote it, as near as can be. */
    static String written(Expression expression) {
        String text = expression
                .getText()
                .replaceAll("\\bthis\\.", "")
                .replaceAll("\\{[^{}]*}", UNKNOWN)
                .replaceAll("\\s+", " ");
        // Groovy puts brackets around two sides of an operator.
        boolean inBrackets = expression instanceof BinaryExpression && text.startsWith("(") && text.endsWith(")");
        return inBrackets ? text.substring(1, text.length() - 1) : text;
    }

    private String sayOnce(String name, Expression held) {
        variables.remove(name);
        try {
            return say(held);
        } finally {
            variables.put(name, held);
        }
    }

    private String property(PropertyExpression property) {
        String name = property.getPropertyAsString();
        String unit = name != null && name.endsWith("s") ? name.substring(0, name.length() - 1) : String.valueOf(name);
        if (UNITS.contains(unit)) {
            return inUnits(say(property.getObjectExpression()), unit);
        }
        if (property.getObjectExpression() instanceof VariableExpression variable
                && variable.getName().equals("params")) {
            return parameter(String.valueOf(name));
        }
        return UNKNOWN;
    }

    /** Where the number is a parameter's, that is said behind the unit. */
    private String inUnits(String number, String unit) {
        int note = number.endsWith("]") ? number.indexOf(" [") : -1;
        String bare = note < 0 ? number : number.substring(0, note);
        return words.say("unit." + unit + (bare.equals("1") ? "" : "s"), bare)
                + (note < 0 ? "" : number.substring(note));
    }

    private String call(MethodCallExpression call) {
        String method = String.valueOf(call.getMethodAsString());
        if (!call.isImplicitThis()) {
            return CONVERSIONS.contains(method) ? say(call.getObjectExpression()) : written(call);
        }
        if (method.equals("param")
                && call.getArguments() instanceof ArgumentListExpression arguments
                && !arguments.getExpressions().isEmpty()) {
            return parameter(say(arguments.getExpression(0)));
        }
        return method + "(" + sayAll(arguments(call)) + ")";
    }

    private String parameter(String name) {
        String usual = runbook.parameter(name).map(Parameter::defaultValue).orElse(null);
        return usual == null ? words.say("parameter.needed", name) : words.say("parameter", usual, name);
    }

    private String text(GStringExpression text) {
        StringBuilder said = new StringBuilder();
        for (int i = 0; i < text.getStrings().size(); i++) {
            said.append(text.getStrings().get(i).getValue());
            if (i < text.getValues().size()) {
                Expression value = text.getValue(i);
                String known = value instanceof VariableExpression || value instanceof MethodCallExpression
                        ? say(value)
                        : UNKNOWN;
                said.append(known.contains("(") || known.contains(".") ? UNKNOWN : known);
            }
        }
        return said.toString().replaceAll("\\s+", " ").strip();
    }

    private String binary(BinaryExpression both) {
        return say(both.getLeftExpression()) + " " + both.getOperation().getText() + " "
                + say(both.getRightExpression());
    }
}
