package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.EmptyRange;
import groovy.lang.GString;
import groovy.lang.IntRange;
import groovy.lang.NumberRange;
import groovy.lang.ObjectRange;
import groovy.lang.Range;
import groovy.lang.Tuple2;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.runtime.ArrayGroovyMethods;
import org.codehaus.groovy.runtime.DefaultGroovyMethods;
import org.codehaus.groovy.runtime.EncodingGroovyMethods;
import org.codehaus.groovy.runtime.StringGroovyMethods;
import org.codehaus.groovy.transform.stc.ExtensionMethodNode;

/**
 * What a runbook may use beside the words of the language: values, not the machine they live on. Whatever is not named here is
 * refused, so that a new method of Java or Groovy is refused until someone has looked at it.
 */
final class AllowList {

    private static final Set<String> PACKAGES =
            Set.of("java.time", "java.time.format", "java.time.temporal", "java.math");

    private static final Set<String> TYPES = names(
            Object.class,
            String.class,
            CharSequence.class,
            GString.class,
            StringBuilder.class,
            Character.class,
            Boolean.class,
            Number.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            Math.class,
            Enum.class,
            Comparable.class,
            Void.class,
            Closure.class,
            Iterable.class,
            java.util.Iterator.class,
            java.util.ListIterator.class,
            java.util.Collection.class,
            java.util.List.class,
            java.util.ArrayList.class,
            java.util.LinkedList.class,
            java.util.Set.class,
            java.util.HashSet.class,
            java.util.LinkedHashSet.class,
            java.util.SortedSet.class,
            java.util.NavigableSet.class,
            java.util.TreeSet.class,
            java.util.Map.class,
            java.util.Map.Entry.class,
            java.util.HashMap.class,
            java.util.LinkedHashMap.class,
            java.util.SortedMap.class,
            java.util.NavigableMap.class,
            java.util.TreeMap.class,
            java.util.Deque.class,
            java.util.Queue.class,
            java.util.ArrayDeque.class,
            java.util.AbstractCollection.class,
            java.util.AbstractList.class,
            java.util.AbstractMap.class,
            java.util.UUID.class,
            java.util.regex.Pattern.class,
            java.util.regex.Matcher.class,
            java.util.regex.MatchResult.class,
            Range.class,
            IntRange.class,
            ObjectRange.class,
            NumberRange.class,
            EmptyRange.class,
            Tuple2.class);

    private static final Set<String> EXCEPTIONS = names(
            Throwable.class,
            Exception.class,
            RuntimeException.class,
            IllegalStateException.class,
            IllegalArgumentException.class,
            ArithmeticException.class,
            NumberFormatException.class,
            NullPointerException.class,
            IndexOutOfBoundsException.class,
            UnsupportedOperationException.class,
            java.util.NoSuchElementException.class,
            java.sql.SQLException.class,
            OperatorException.class);

    private static final Set<String> EXTENSIONS = names(
            ArrayGroovyMethods.class,
            DefaultGroovyMethods.class,
            EncodingGroovyMethods.class,
            StringGroovyMethods.class,
            UnitExtensions.class);

    /** Of Groovy's methods for every object, those that only look at it or hand it on. */
    private static final Set<String> FOR_EVERY_OBJECT = Set.of(
            "any",
            "asBoolean",
            "collect",
            "each",
            "eachWithIndex",
            "every",
            "find",
            "findAll",
            "findIndexOf",
            "findResult",
            "grep",
            "inject",
            "is",
            "isCase",
            "isNotCase",
            "iterator",
            "tap",
            "toString",
            "with");

    private static final Set<String> OF_OBJECT = Set.of("equals", "hashCode", "toString");
    private static final Set<String> OF_THROWABLE = Set.of("getMessage", "getCause", "toString", "hint", "getSQLState");
    private static final Set<String> NEVER = Set.of(
            "getAt",
            "putAt",
            "getClass",
            "wait",
            "notify",
            "notifyAll",
            "asType",
            "getInteger",
            "getLong",
            "getBoolean",
            "getMetaClass",
            "setMetaClass",
            "metaClass",
            "invokeMethod",
            "getProperty",
            "setProperty",
            "getProperties",
            "getAsMetaClass",
            "stream",
            "parallelStream",
            "describeConstable",
            "resolveConstantDesc",
            "getDeclaringClass",
            "toURL",
            "toURI",
            "dump",
            "inspect",
            "println",
            "print",
            "printf",
            "use",
            "sleep",
            "mixin",
            "respondsTo",
            "hasProperty");

    private AllowList() {}

    private static Set<String> names(Class<?>... types) {
        return Arrays.stream(types).map(Class::getName).collect(Collectors.toUnmodifiableSet());
    }

    static boolean isOfEveryObject(String method) {
        return OF_OBJECT.contains(method);
    }

    /** True where the type's values may be held, made and asked. */
    static boolean allowsType(ClassNode type) {
        ClassNode bare = type.redirect();
        if (bare.isArray()) {
            return allowsType(bare.getComponentType());
        }
        if (type.isGenericsPlaceHolder() || ClassHelper.isPrimitiveType(bare) || ClassHelper.isPrimitiveVoid(bare)) {
            return true;
        }
        return TYPES.contains(bare.getName())
                || EXCEPTIONS.contains(bare.getName())
                || PACKAGES.contains(String.valueOf(bare.getPackageName()))
                || isOurs(bare);
    }

    /** True where a runbook may make values of the type and use its constants. */
    static boolean allowsMaking(ClassNode type) {
        return allowsType(type) && !isOurs(type.redirect());
    }

    /** True where a runbook may call the method. */
    static boolean allowsMethod(MethodNode target) {
        if (target instanceof ExtensionMethodNode extension) {
            return allowsExtension(extension);
        }
        ClassNode owner = target.getDeclaringClass().redirect();
        String name = target.getName();
        if (isOurs(owner)) {
            return allowsOurs(owner, target);
        }
        if (owner.isArray()) {
            return name.equals("clone");
        }
        if (NEVER.contains(name) || !allowsType(owner) || !allowsType(target.getReturnType())) {
            return false;
        }
        return switch (owner.getName()) {
            case "java.lang.Object" -> OF_OBJECT.contains(name);
            case "groovy.lang.Closure" -> name.equals("call");
            default -> !EXCEPTIONS.contains(owner.getName()) || target.isConstructor() || OF_THROWABLE.contains(name);
        };
    }

    private static boolean allowsExtension(ExtensionMethodNode target) {
        MethodNode method = target.getExtensionMethodNode();
        if (!EXTENSIONS.contains(method.getDeclaringClass().getName()) || target.isStaticExtension()) {
            return false;
        }
        String self = method.getParameters()[0].getType().redirect().getName();
        if (self.equals(Object.class.getName())
                && !method.getParameters()[0].getType().isArray()) {
            return FOR_EVERY_OBJECT.contains(target.getName());
        }
        boolean onCode = self.equals(Closure.class.getName()) || EXCEPTIONS.contains(self);
        return !onCode
                && !NEVER.contains(target.getName())
                && allowsType(method.getParameters()[0].getType())
                && allowsType(target.getReturnType());
    }

    /** Types of the language itself: Specs, what words return, units, enums of choices, results of verbs. */
    private static boolean isOurs(ClassNode type) {
        String name = type.getName();
        return name.startsWith("io.watchkeeper.dsl.")
                || (name.startsWith("io.watchkeeper.units.") && !name.endsWith("Secret"))
                || name.startsWith("io.watchkeeper.runbook.Schedule$")
                || name.startsWith("io.watchkeeper.runbook.Policy$")
                || name.equals("io.watchkeeper.runbook.Checklist")
                || name.equals(TableName.class.getName())
                || ((name.startsWith("io.watchkeeper.toolkit.") || name.startsWith("io.watchkeeper.review."))
                        && (type.isRecord() || type.isEnum()));
    }

    private static boolean allowsOurs(ClassNode owner, MethodNode target) {
        if (!owner.isResolved()) {
            return false;
        }
        Class<?> type = owner.getTypeClass();
        if (OF_OBJECT.contains(target.getName()) || target.getName().equals("compareTo")) {
            return true;
        }
        if (type.isRecord()) {
            // A record's methods only read it.
            return !target.isStatic() && !target.isConstructor();
        }
        return Stream.of(type.getMethods())
                .filter(m -> m.getName().equals(target.getName()))
                .anyMatch(m -> m.isAnnotationPresent(Word.class) || m.isAnnotationPresent(Choice.class));
    }
}
