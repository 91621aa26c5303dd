package io.watchkeeper.dsl;

import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.GStringExpression;
import org.codehaus.groovy.ast.expr.NamedArgumentListExpression;

/** Types and arguments in the words of people who do not write Java. */
final class TypeWords {

    private static final Map<Class<?>, String> NAMES = Map.ofEntries(
            Map.entry(Duration.class, "a duration like 30.seconds"),
            Map.entry(Bytes.class, "an amount of data like 64.megabytes"),
            Map.entry(Ratio.class, "a share like 10.percent"),
            Map.entry(String.class, "a text"),
            Map.entry(int.class, "a whole number"),
            Map.entry(long.class, "a whole number"),
            Map.entry(Number.class, "a number"),
            Map.entry(boolean.class, "true or false"),
            Map.entry(groovy.lang.Closure.class, "a block { … }"),
            Map.entry(Weekday.class, "a day like MON"),
            Map.entry(Object.class, "a value"));

    private TypeWords() {}

    /** What a parameter takes: {@code a duration like 30.seconds}. */
    static String wanted(Parameter parameter, List<String> values) {
        Class<?> type = parameter.getType();
        Checked checked = parameter.getAnnotation(Checked.class);
        if (checked != null && type != List.class) {
            return type.isArray()
                    ? checked.value().words() + " (or several)"
                    : checked.value().words();
        }
        String name = NAMES.get(type);
        if (name != null) {
            return name;
        }
        if (type.isEnum()) {
            return "one of " + String.join(", ", values);
        }
        if (type.isArray()) {
            return NAMES.getOrDefault(type.getComponentType(), "values") + " (or several)";
        }
        return List.class.isAssignableFrom(type) ? "a list or range of days" : type.getSimpleName();
    }

    /** What all parameters of a method take: {@code a text and a block { … }}. */
    static String wanted(Method method, List<String> values) {
        List<String> each = Arrays.stream(method.getParameters())
                .filter(p -> !Map.class.isAssignableFrom(p.getType()))
                .map(p -> wanted(p, values))
                .collect(Collectors.toList());
        return and(each);
    }

    static String and(List<String> parts) {
        int last = parts.size() - 1;
        return switch (parts.size()) {
            case 0 -> "nothing";
            case 1 -> parts.get(0);
            default -> String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
        };
    }

    /** What was given: {@code the text '30s'}, {@code the number 5}, {@code a duration}. */
    static String given(Expression argument, ClassNode type) {
        if (argument instanceof ConstantExpression constant) {
            Object value = constant.getValue();
            if (value instanceof String text) {
                return "the text '" + text + "'";
            }
            return value instanceof Number ? "the number " + value : String.valueOf(value);
        }
        if (argument instanceof GStringExpression) {
            return "a text";
        }
        if (argument instanceof ClosureExpression) {
            return "a block";
        }
        return argument instanceof NamedArgumentListExpression ? "named values" : ofType(type);
    }

    /** A type: {@code a text}, {@code a duration}. */
    static String ofType(ClassNode type) {
        String name = type.getNameWithoutPackage();
        if (type.isArray()
                || (type.getName().startsWith("java.util.") && !type.getName().contains("regex"))) {
            return name.contains("Map") ? "a map" : "a list";
        }
        return switch (name) {
            case "String", "GString", "GStringImpl", "CharSequence" -> "a text";
            case "Integer", "int", "Long", "long", "Short", "short", "BigInteger" -> "a whole number";
            case "BigDecimal", "Double", "double", "Float", "float", "Number" -> "a number";
            case "Boolean", "boolean" -> "true or false";
            case "Duration" -> "a duration";
            case "Bytes" -> "an amount of data";
            case "Ratio" -> "a share";
            case "Closure" -> "a block";
            case "Weekday" -> "a day";
            case "IntRange", "ObjectRange", "Range", "NumberRange", "EmptyRange" -> "a range";
            case "Object" -> "a value whose type is not known";
            case "void" -> "nothing";
            case "StepLog" -> "'log'";
            case "HttpWords" -> "'http'";
            case "HttpAnswer" -> "an answer of 'http.get'";
            case "FailureReason" -> "'error'";
            case "CheckResult" -> "a result of 'check'";
            case "CopyResult" -> "a result of 'copyTable'";
            case "PublicationResult" -> "a result of 'provisionPublication'";
            case "StandbyResult" -> "a result of 'provisionStandby'";
            case "StreamResult" -> "a result of 'provisionSubscription'";
            case "BaseBackupResult" -> "a result of 'baseBackup'";
            case "WalArchiveResult" -> "a result of 'walArchive'";
            case "TableSetResult" -> "a result of 'copyTables'";
            case "SyncResult" -> "a result of 'syncTable'";
            case "SyncSetResult" -> "a result of 'syncTables'";
            case "VerifyResult" -> "a result of 'verifyTable'";
            case "ExpiredBackups" -> "a result of 'expireBackups'";
            case "VerifiedBackups" -> "a result of 'verifyBackups'";
            case "VerifySetResult" -> "a result of 'verifyTables'";
            case "RemedyResult" -> "a result of 'remediateLag'";
            case "ExecuteResult" -> "a result of 'execute'";
            default -> name.matches("<.*>|.*\\$.*") ? "a value" : "a value of type " + name;
        };
    }

    static boolean isNumber(ClassNode type) {
        ClassNode boxed = ClassHelper.getWrapper(type);
        return boxed.isDerivedFrom(ClassHelper.Number_TYPE)
                || boxed.equals(ClassHelper.make(BigDecimal.class))
                || boxed.equals(ClassHelper.make(BigInteger.class));
    }
}
